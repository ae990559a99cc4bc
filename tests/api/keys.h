/* Private keys of nobody, as push services hand theirs out: PKCS#8 in PEM. */
#ifndef TEST_API_KEYS_H
#define TEST_API_KEYS_H

#define RSA_PEM \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCa+eb+W4TCIOpr\n" \
	"FZ2UjoD3VgGJf01HGUWnroitoehznzIh109w4VYRDvXtpfKGcigsCaczBzFVBvHZ\n" \
	"oY5lmgyiXhErRc4l0loa6IDUq0uPUgBj8SRpiW7sJkMQ81x540LwlHd/VoYpi5e5\n" \
	"qkuReRwK/Dg1L3ZqcEw1FySwMQJbPrxnpNiU7pZkOrAgKIpDlcANAi/eh4tPwZFv\n" \
	"5wI7uuSFOHkEzccWmxUXtaFkvF10V9rSDppVUGxRDYeU3vv1Rs93sjbZfjRC5iU/\n" \
	"fSWOZtexFbRKDABPaZK3EYedw0z0qPavUsHt3FJRoD/xEkIHXGwmru4gRtNPXRFq\n" \
	"6maBVSuvAgMBAAECggEAErwEDxqcJWWaQQC3cHZ7o6q7e9YuTtqAv6ELN8Y7VgLY\n" \
	"Khwfp9strtk6pJRriZIyRgSSuEn1zjwNL4xmrOSfA1/QvoTtQ0g3CUqzDEJ622QD\n" \
	"1REZIELzbEvBzsJEmx18gZ3JBlU82bfcyx6JjRfxamiMGO3YaEyUAdT+4+fAy6vM\n" \
	"+6uswi57m3yeaMe3XvSBLPiSLLjzlvRdt8ohfSDz9eh/y/K+EPz3TT4SDQ7JUACv\n" \
	"diBS/3b1o2cL+xQlFFBRobBzGG0cstdKKsWbx6rG9Dwea3wIG1LnIJ0x5M9wnps6\n" \
	"u+/RXE9xCPzBbPEFxXNfZCJZVLS8W2bGZFJChgI9AQKBgQDZ6K+VXT5ScaXJyvQz\n" \
	"X5jlSenQ3rNMed2JZ8XXjVb2qN1QIcxJGSNt7Yc62CFaLJNRqSf4HeDPWllvKC53\n" \
	"D9g8Wx1+6P0LqfdfaJlHfxGLetmLYr42gs9xM/FfPIMK9rCT5wqjzPHeBCUUONX2\n" \
	"T0TRU4QrMO7vimuVY1bMn7OKrwKBgQC2EQIDKV22YpqGi0rbUeuxLQ7NPe4/Ur/u\n" \
	"oPFZwL78AJBrzwj9AVPnyLqxvM4/01wul6knczNICIjIl1azL5wbAPukeZHYH5C5\n" \
	"uFRIZKdmtUmY1SEc0OphxCEHqat9qBZL9sdKzBWY4iC6uxSsUd2C1QyyAEoS6Nrf\n" \
	"Pl/jnGyvAQKBgCJpARkYEVhZg/Gar/dQ2EcU5exKzot8DwS8s1w3gI0Q22nk/Gpq\n" \
	"otKgGKOtL48azOSvTpV6ul5kCQ1pjfTVNrNJPB4nUpY978dMMDA/G5kn/CRrolff\n" \
	"Tjy1FB+S4aqgi/+/E0oMegEyLFzGINt1ZwubIZrkbka7WAPOHQ3RBjwXAoGAL125\n" \
	"Yk0uvjZk8T/n16s2YD/Sq/7CruK+YDyqzajhhvo2mHWiZwAjbhfAymDOX7iDMPPv\n" \
	"4/2Kh+EAhP8qZS+rszLMRPwDv3Bm3IpiEvtsucHMReCc3rxTXeACn9W6cdR7CIRJ\n" \
	"UOJLdBzQWwQ02qfpsxHuXZjJrKW723yEwdh+RgECgYBtqwzGdmfjfe16xu3Lp88g\n" \
	"YIMk5JkB2L9y7RzhnAV8NE/lYV5M9l1HWE4D6dlEDWG+H7PiY2Im1/dj5CKvYFPg\n" \
	"XthMsOUesTky54IBCnMsCSwyF3iKqNuYRT+0G2xvz5mbx99r0hdXNs4M9P48e5/b\n" \
	"JlYqDrGtpJ7sg7QuX5fw9g==\n" \
	"-----END PRIVATE KEY-----\n"

#define EC_PEM \
	"-----BEGIN PRIVATE KEY-----\n" \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPkTYujAlwB19BFgL\n" \
	"vtZ2vgs3RZucWWlVCmPW5FyDhIShRANCAAQ9r9gDDusY+Z0WLY2GFxb1rVQ1pTbS\n" \
	"ZHSm4UiXl5ZnxnI6LREswvbcJ4JTCuyqU+uZ03M7RmA/BWtaQOk6ECB9\n" \
	"-----END PRIVATE KEY-----\n"

#endif
