/*
 * Faces that are matched by a provider (5.6): what of them is asked in a message, and what is kept. A face is a row of its own, for a
 * device and a recovery may share one: its template lies sealed under the user's key, and it goes with the last of those who refer to it.
 * The provider, who may keep something too, is told of that afterwards.
 */
#ifndef DEVICE_FACES_H
#define DEVICE_FACES_H

#include "device/recovery.h"
#include "face/face.h"

/* At a start, once the session has begun: is the method of use here, and can the provider be reached? Fills c->face_policy. */
err face_begin(struct call *c, bool useful);
/* Does the configuration allow the method? */
static inline bool face_allowed(const struct call *c)
{
	return device_config_methods(&c->application->config) >> auth_method_DEVICE_SERVER_SIDE_FACE & 1;
}
static inline bool device_has_face(const struct device *d)
{
	return d->methods >> auth_method_DEVICE_SERVER_SIDE_FACE & 1;
}
/* act.c: of a new device; a face is among them only where it is to be had. */
unsigned activatable_methods(const struct call *c);
/* Is the method to be had in this session? */
static inline bool face_offered(const struct call *c)
{
	return c->session.secret.face_offered;
}

/*
 * In a handler: what the provider says of the message's scan. The call may not be over; then op->waiting is set, and the handler returns
 * at once, to be called again. A provider that does not answer is `heard` false.
 */
err face_match(struct call *c, const struct uuid *face, struct face_verdict *ret_verdict);
/* What is taken is kept with the message: c->device refers to it. */
err face_enrol(struct call *c, struct face_verdict *ret_verdict);
/* What the phone hears when an enrolment did not go well. DEVICE_OK: it did. */
enum device_error face_enrol_fault(const struct face_verdict *verdict);

/* face_rows.c */
struct slice face_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice template);
err face_load(struct op *op, const struct user *owner, const struct uuid *id, struct slice *ret_template);
struct face_setup face_setup_of(const struct device_config *config, bool sandbox);

/*
 * face_work.c. Written behind the back of a request whose provider is about to remember a face: unless face_save() comes, the provider is
 * told to forget it once the session is over. Its answer may be lost, the request may lose a race, and nobody else would know of it.
 */
void face_promise(struct call *c, const struct uuid *face);
/* In apply: what face_enrol() took. */
err face_save(struct call *c, struct tx *tx);
/* In apply: those of the device's user that nothing refers to any more are gone. */
err faces_drop_unused(struct tx *tx, const struct uuid *device);
err faces_user_deleted(struct tx *tx, const struct uuid *user);

#endif
