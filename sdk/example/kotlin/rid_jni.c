/*
 * The C side of a Kotlin binding (Rid.kt): calls in, a step's members out. A handle is one registration, with the step that it is
 * at: a step is valid until the next call, so its members are read one by one before that.
 *
 * All that is text travels as bytes of UTF-8, and what is secret as a byte array that the library overwrites: a String of the JVM can be
 * neither wiped nor passed on as it is (JNI's own UTF-8 is another one).
 */
#include <jni.h>
#include <reuseid_device.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct device {
	rid_controller *controller;
	const rid_step *step;
};

#define NATIVE(type, name) JNIEXPORT type JNICALL Java_com_example_Rid_##name
#define DEVICE(h) ((struct device *)(intptr_t)(h))

/* The order of Kotlin's enum class Kind, and its other numbers. */
typedef char kinds_as_in_kotlin[RID_FORGET_BACKUP == 17 && RID_SEND == 4 && RID_KEY_BROKEN == 2 && RID_UNAVAILABLE == 2 ? 1 : -1];

/* ---- bytes in ---- */

/* With a zero byte behind them; NULL for null. */
static char *text_of(JNIEnv *env, jbyteArray array)
{
	jsize n = array ? (*env)->GetArrayLength(env, array) : 0;
	char *text = array ? calloc(1, (size_t)n + 1) : NULL;

	if (text)
		(*env)->GetByteArrayRegion(env, array, 0, n, (jbyte *)text);
	return text;
}

/* Elements of an array, which may be null. */
struct elements {
	jbyte *p;
	size_t n;
};

static struct elements elements_of(JNIEnv *env, jbyteArray array)
{
	struct elements e = { NULL, 0 };

	if (!array)
		return e;
	e.p = (*env)->GetByteArrayElements(env, array, NULL);
	e.n = e.p ? (size_t)(*env)->GetArrayLength(env, array) : 0;
	return e;
}

/* What the library overwrote is overwritten in Kotlin's array too. */
static void elements_back(JNIEnv *env, jbyteArray array, struct elements e)
{
	if (e.p)
		(*env)->ReleaseByteArrayElements(env, array, e.p, 0);
}

/* ---- bytes out ---- */

static jbyteArray bytes_out(JNIEnv *env, const void *p, size_t n)
{
	jbyteArray array = p ? (*env)->NewByteArray(env, (jsize)n) : NULL;

	if (array)
		(*env)->SetByteArrayRegion(env, array, 0, (jsize)n, p);
	return array;
}

#define BYTES(name, p, n)                                                        \
	NATIVE(jbyteArray, name)(JNIEnv *env, jclass type, jlong h)              \
	{                                                                        \
		const rid_step *s = DEVICE(h)->step;                             \
		(void)type;                                                      \
		return bytes_out(env, p, n);                                     \
	}
#define TEXT(name, text) BYTES(name, text, text ? strlen(text) : 0)
#define NUMBER(name, number)                                                     \
	NATIVE(jlong, name)(JNIEnv *env, jclass type, jlong h)                   \
	{                                                                        \
		const rid_step *s = DEVICE(h)->step;                             \
		(void)env;                                                       \
		(void)type;                                                      \
		return (jlong)(number);                                          \
	}

NUMBER(kind, s->kind)
TEXT(url, s->send.url)
TEXT(contentType, s->send.content_type)
BYTES(body, s->send.body, s->send.body_bytes)
NUMBER(timeoutMs, s->send.timeout_ms)
TEXT(recordName, s->record.name)
BYTES(record, s->record.bytes, s->record.n)
NUMBER(generation, s->record.generation)
TEXT(keyHandle, s->key.handle)
BYTES(keyMessage, s->key.message, s->key.message_bytes)
NUMBER(keyMethod, s->key.method)
NUMBER(waitMs, s->wait_ms)
TEXT(title, s->started.context.title)
TEXT(mime, s->started.context.mime)
BYTES(content, s->started.context.content, s->started.context.content_bytes)
NUMBER(methods, s->started.methods)
NUMBER(attemptsRemaining, s->started.attempts_remaining)
NUMBER(failure, s->failure.number)
TEXT(failureTitle, s->failure.title)
NUMBER(repeatable, s->failure.repeatable)
NUMBER(recoverable, s->failure.recoverable)
NUMBER(remaining, s->failure.remaining)

NATIVE(jbyteArray, registrationId)(JNIEnv *env, jclass type, jlong h)
{
	const char *id = rid_registration_id(DEVICE(h)->controller);

	(void)type;
	return bytes_out(env, id, id ? strlen(id) : 0);
}

/* ---- life ---- */

static rid_controller *open_with(JNIEnv *env, char *const text[6], jbyteArray storage_key)
{
	unsigned char key[RID_STORAGE_KEY_BYTES];
	rid_config config = { 0 };
	rid_controller *c;
	int error;

	if ((*env)->GetArrayLength(env, storage_key) != (jsize)sizeof(key))
		return NULL;
	(*env)->GetByteArrayRegion(env, storage_key, 0, (jsize)sizeof(key), (jbyte *)key);
	config.server_url = text[0];
	config.application_id = text[1];
	config.public_key = text[2];
	config.os = text[3];
	config.device_hash = text[4];
	config.storage_key = key;
	config.hardware = RID_HARDWARE_YES;
	config.device_key_in_app = 1;
	c = rid_open(&config, text[5], &error);
	rid_wipe(key, sizeof(key));
	return c;
}

/* 0: the configuration is of no use. */
NATIVE(jlong, open)(JNIEnv *env, jclass type, jbyteArray server_url, jbyteArray application_id, jbyteArray public_key, jbyteArray os,
	jbyteArray device_hash, jbyteArray slot, jbyteArray storage_key)
{
	char *const text[6] = { text_of(env, server_url), text_of(env, application_id), text_of(env, public_key), text_of(env, os),
		text_of(env, device_hash), text_of(env, slot) };
	struct device *d = calloc(1, sizeof(*d));

	(void)type;
	if (d)
		d->controller = open_with(env, text, storage_key);
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		free(text[i]);
	if (d && d->controller)
		return (jlong)(intptr_t)d;
	free(d);
	return 0;
}

NATIVE(void, close)(JNIEnv *env, jclass type, jlong h)
{
	(void)env;
	(void)type;
	rid_close(DEVICE(h)->controller);
	free(DEVICE(h));
}

/* ---- calls: each goes to the next step ---- */

#define CALL(name, call)                                                         \
	NATIVE(void, name)(JNIEnv *env, jclass type, jlong h)                    \
	{                                                                        \
		rid_controller *c = DEVICE(h)->controller;                       \
		(void)env;                                                       \
		(void)type;                                                      \
		DEVICE(h)->step = call;                                          \
	}

CALL(load, rid_load(c))
CALL(startAuthentication, rid_start_authentication(c, NULL))
CALL(startSigning, rid_start_signing(c, NULL))
CALL(cancelSession, rid_cancel_session(c))
CALL(deactivate, rid_deactivate(c, 0))
CALL(repeat, rid_repeat(c))
CALL(waited, rid_waited(c))
CALL(notLocated, rid_located(c, RID_LOCATION_NOT_ENABLED, NULL))
CALL(notAttested, rid_not_attested(c, NULL, NULL))
CALL(noPushCame, rid_push_came(c, NULL))

NATIVE(void, startActivation)(JNIEnv *env, jclass type, jlong h, jbyteArray code)
{
	struct elements e = elements_of(env, code);

	(void)type;
	DEVICE(h)->step = rid_start_activation(DEVICE(h)->controller, (char *)e.p, e.n);
	elements_back(env, code, e);
}

NATIVE(void, finishActivation)(JNIEnv *env, jclass type, jlong h, jint methods, jbyteArray device_name, jbyteArray pin)
{
	struct elements e = elements_of(env, pin);
	char *name = text_of(env, device_name);

	(void)type;
	DEVICE(h)->step = rid_finish_activation(DEVICE(h)->controller, methods, name, (char *)e.p, e.n);
	free(name);
	elements_back(env, pin, e);
}

NATIVE(void, finish)(JNIEnv *env, jclass type, jlong h, jint method, jbyteArray pin)
{
	struct elements e = elements_of(env, pin);

	(void)type;
	DEVICE(h)->step = rid_finish_authentication_or_signing(DEVICE(h)->controller, method, (char *)e.p, e.n);
	elements_back(env, pin, e);
}

NATIVE(void, pending)(JNIEnv *env, jclass type, jlong h, jint wait_ms)
{
	(void)env;
	(void)type;
	DEVICE(h)->step = rid_wait(DEVICE(h)->controller, (uint32_t)wait_ms);
}

/* ---- what is handed back ---- */

NATIVE(void, sent)(JNIEnv *env, jclass type, jlong h, jint status, jbyteArray answer)
{
	struct elements e = elements_of(env, answer);

	(void)type;
	DEVICE(h)->step = rid_sent(DEVICE(h)->controller, status, (const unsigned char *)e.p, e.n);
	elements_back(env, answer, e);
}

NATIVE(void, notSent)(JNIEnv *env, jclass type, jlong h, jint error)
{
	(void)env;
	(void)type;
	DEVICE(h)->step = rid_not_sent(DEVICE(h)->controller, error);
}

/* null: there is no such record. */
NATIVE(void, loaded)(JNIEnv *env, jclass type, jlong h, jbyteArray bytes, jlong generation)
{
	struct elements e = elements_of(env, bytes);

	(void)type;
	DEVICE(h)->step = rid_loaded(DEVICE(h)->controller, bytes ? RID_LOADED : RID_ABSENT, (const unsigned char *)e.p, e.n,
		(uint64_t)generation);
	elements_back(env, bytes, e);
}

NATIVE(void, unavailable)(JNIEnv *env, jclass type, jlong h, jboolean backup)
{
	rid_controller *c = DEVICE(h)->controller;

	(void)env;
	(void)type;
	DEVICE(h)->step = backup ? rid_backup_loaded(c, RID_UNAVAILABLE, NULL, 0) : rid_loaded(c, RID_UNAVAILABLE, NULL, 0, 0);
}

NATIVE(void, stored)(JNIEnv *env, jclass type, jlong h, jboolean worked)
{
	(void)env;
	(void)type;
	DEVICE(h)->step = rid_stored(DEVICE(h)->controller, worked);
}

NATIVE(void, keyMade)(JNIEnv *env, jclass type, jlong h, jbyteArray public_key)
{
	struct elements e = elements_of(env, public_key);

	(void)type;
	DEVICE(h)->step = rid_key_made(DEVICE(h)->controller, (const unsigned char *)e.p, e.n);
	elements_back(env, public_key, e);
}

NATIVE(void, signed)(JNIEnv *env, jclass type, jlong h, jbyteArray signature)
{
	struct elements e = elements_of(env, signature);

	(void)type;
	DEVICE(h)->step = rid_signed(DEVICE(h)->controller, (const unsigned char *)e.p, e.n);
	elements_back(env, signature, e);
}

NATIVE(void, keyFailed)(JNIEnv *env, jclass type, jlong h, jint why)
{
	(void)env;
	(void)type;
	DEVICE(h)->step = rid_key_failed(DEVICE(h)->controller, (rid_key_trouble)why);
}
