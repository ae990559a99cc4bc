/*
 * The provider of sandbox accounts: a scan is text that says what it is. "live:NAME" is a living person with that name, who is the same
 * whenever the name is; "silent:" gets no answer, as if the provider were away; anything else is no living person.
 */
#include "face/face.h"

#define LIVE "live:"
#define SILENT "silent:"

static bool mock_request(const struct face_setup *setup, const struct face_ask *ask, struct arena *a, struct outbound_request *ret_request)
{
	(void)setup;
	(void)ask;
	(void)a;
	(void)ret_request;
	return false;
}

static void mock_verdict(const struct face_setup *setup, const struct face_ask *ask, const struct outbound_answer *answer, struct arena *a,
	struct face_verdict *ret)
{
	bool live = slice_starts(ask->scan, S(LIVE)) && ask->scan.n > sizeof(LIVE) - 1;

	(void)setup;
	(void)answer;
	*ret = (struct face_verdict){ .heard = !slice_starts(ask->scan, S(SILENT)), .score = -1 };
	switch (ask->task) {
	case FACE_INIT:
		ret->init = S("mock");
		break;
	case FACE_ENROL:
		ret->good = live;
		ret->template = live ? arena_copy(a, ask->scan) : S("");
		break;
	case FACE_MATCH:
		ret->good = live && slice_eq_secret(ask->scan, ask->template);
		ret->score = ret->good ? FACE_SCORE_MAX : 0;
		break;
	case FACE_DELETE:
		ret->good = true;
	}
}

const struct face_functions face_mock = { mock_request, mock_verdict };
