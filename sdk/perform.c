/* The loop around the steps, by a table of the app's functions. */
#include "sdk/internal.h"

static bool is_app_attest(const struct rid_step *step)
{
	return strcmp(step->attest.type, "appAttest") == 0;
}

/* What an app cannot do is said as it is. */
static const struct rid_step *cannot(struct rid_controller *c, const struct rid_step *step)
{
	switch (step->kind) {
	case RID_MAKE_KEY:
	case RID_SIGN:
		return rid_key_failed(c, RID_KEY_BROKEN);
	case RID_ATTEST:
		return rid_not_attested(c, is_app_attest(step) ? "FAILED_CLIENT_NOT_SUPPORTED" : "FAILED_CLIENT_API_FAILURE", NULL);
	case RID_LOCATE:
		return rid_located(c, RID_LOCATION_GEOCODER_NOT_SUPPORTED, NULL);
	case RID_AWAIT_PUSH:
		return rid_push_came(c, NULL);
	case RID_LOAD_BACKUP:
		return rid_backup_loaded(c, RID_UNAVAILABLE, NULL, 0);
	case RID_LOAD:
		return rid_loaded(c, RID_UNAVAILABLE, NULL, 0, 0);
	case RID_SEND:
		return rid_not_sent(c, RID_ERROR_CONNECTION_FAILURE);
	case RID_WAIT:
		return NULL; /* one that is none would ask again and again */
	default:
		return rid_stored(c, 0);
	}
}

static rid_hand hand_for(const rid_hands *hands, rid_step_kind kind)
{
	switch (kind) {
	case RID_SEND:
		return hands->send;
	case RID_LOAD:
		return hands->load;
	case RID_STORE:
		return hands->store;
	case RID_ERASE:
		return hands->erase;
	case RID_MAKE_KEY:
		return hands->make_key;
	case RID_SIGN:
		return hands->sign;
	case RID_DROP_KEY:
		return hands->drop_key;
	case RID_WAIT:
		return hands->wait;
	case RID_ATTEST:
		return hands->attest;
	case RID_LOCATE:
		return hands->locate;
	case RID_AWAIT_PUSH:
		return hands->await_push;
	case RID_BACK_UP:
		return hands->back_up;
	case RID_LOAD_BACKUP:
		return hands->load_backup;
	default:
		return hands->forget_backup;
	}
}

const rid_step *rid_perform(rid_controller *c, const rid_step *step, const rid_hands *hands, void *app)
{
	while (step && rid_step_is_work(step)) {
		rid_hand hand = hand_for(hands, step->kind);

		step = hand ? hand(app, c, step) : cannot(c, step);
	}
	return step;
}
