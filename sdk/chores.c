/* What has to be stored, erased and dropped, one after another; and the reading of records at the beginning. */
#include "sdk/internal.h"

bool is_activated(const struct rid_controller *c)
{
	return c->records[SLOT_MAIN].phase == RECORD_CONFIRMED;
}

void record_takes_hold(struct rid_controller *c)
{
	uuid_format(&c->records[SLOT_MAIN].reg, c->registration_id);
}

void record_forget(struct rid_controller *c, enum slot slot)
{
	wipe(&c->records[slot], sizeof(c->records[slot]));
}

/* The box is bound to its application and name, so that it opens nowhere else. */
static struct slice place_of(const struct rid_controller *c, enum slot slot, struct arena *a)
{
	return arena_printf(a, "device record|%.*s|%s", FMT(c->application), c->slot_names[slot]);
}

/* ---- chores ---- */

void chores_new(struct rid_controller *c, bool must)
{
	c->chores.n = c->chores.at = 0;
	c->chores.must = must;
	c->chores.unrecorded = false;
}

static struct chore *chore_add(struct rid_controller *c, enum rid_step_kind kind, enum slot slot)
{
	struct chore *chore = &c->chores.list[c->chores.n++];

	*chore = (struct chore){ .kind = kind, .slot = slot };
	return chore;
}

void chore_store(struct rid_controller *c, enum slot slot)
{
	chore_add(c, RID_STORE, slot);
}

void chore_erase(struct rid_controller *c, enum slot slot)
{
	chore_add(c, RID_ERASE, slot);
}

void chore_drop(struct rid_controller *c, const struct key *key)
{
	if (key_in_app(key))
		memcpy(chore_add(c, RID_DROP_KEY, SLOT_MAIN)->handle, key->handle, KEY_HANDLE_BYTES);
}

void chore_drop_all(struct rid_controller *c, const struct record *r)
{
	chore_drop(c, &r->dk);
	chore_drop(c, &r->hk);
	for (size_t i = 0; i < BIOMETRICS; i++)
		chore_drop(c, &r->biometric[i]);
	chore_drop(c, &r->next_key);
}

void chore_back_up(struct rid_controller *c, int64_t number)
{
	chore_add(c, RID_BACK_UP, SLOT_MAIN)->backup = number;
}

void chore_forget_backup(struct rid_controller *c, int64_t number)
{
	chore_add(c, RID_FORGET_BACKUP, SLOT_MAIN)->backup = number;
}

/* What the record holds besides the registration is what the controller knows now. */
static void record_complete(struct rid_controller *c, struct record *r, enum slot slot)
{
	r->generation = (int64_t)++c->generations[slot];
	r->clock_offset_ms = c->clock_offset_ms;
	r->last_ts = c->last_ts;
	memcpy(r->server_key, c->server_key, X25519_BYTES);
	r->learned_count = (int64_t)c->learned_count;
	memcpy(r->learned, c->learned, sizeof(r->learned));
}

static const struct rid_step *store(struct rid_controller *c, enum slot slot)
{
	struct record *r = &c->records[slot];
	struct rid_step *step = step_new(c, RID_STORE);
	struct slice box;

	record_complete(c, r, slot);
	box = record_seal(r, &c->storage_key, &c->world.env, place_of(c, slot, &c->op), &c->op);
	step->record = (struct rid_record){ c->slot_names[slot], box.p, box.n, c->generations[slot] };
	return step;
}

static const struct rid_step *chore_begin(struct rid_controller *c, const struct chore *chore)
{
	struct rid_step *step = step_new(c, chore->kind);

	if (chore->kind == RID_ERASE)
		step->record.name = c->slot_names[chore->slot];
	else if (chore->kind == RID_BACK_UP)
		step->record = (struct rid_record){ backup_name(c, chore->backup), c->call.backup.p, c->call.backup.n, 0 };
	else if (chore->kind == RID_FORGET_BACKUP)
		step->record.name = backup_name(c, chore->backup);
	else
		step->key.handle = chore->handle;
	return step;
}

static const struct rid_step *chores_next(struct rid_controller *c)
{
	const struct chore *chore = &c->chores.list[c->chores.at];

	if (c->chores.at == c->chores.n) {
		step_new(c, RID_DONE);
		return c->chores.then(c);
	}
	if (chore->kind == RID_STORE)
		return store(c, chore->slot);
	return chore_begin(c, chore);
}

const struct rid_step *chores_do(struct rid_controller *c, stage then)
{
	c->chores.then = then;
	return chores_next(c);
}

/*
 * What comes after a failed one is left: a record is erased only when its successor is safe. A backup that stays in the cloud does no harm:
 * the server knows that it is over.
 */
const struct rid_step *chores_answered(struct rid_controller *c, bool worked)
{
	if (worked || c->step.kind == RID_FORGET_BACKUP) {
		c->chores.at++;
		return chores_next(c);
	}
	if (c->chores.must) {
		fail_with(c, DEVICE_STORAGE, "the record could not be stored");
		c->step.failure.recoverable = c->session.live;
		return &c->step;
	}
	c->warning = DEVICE_STORAGE;
	c->chores.unrecorded = c->step.kind == RID_STORE && c->chores.list[c->chores.at].slot == SLOT_MAIN;
	c->chores.at = c->chores.n;
	return chores_next(c);
}

/* ---- reading ---- */

static const struct rid_step *load(struct rid_controller *c, enum slot slot)
{
	step_new(c, RID_LOAD)->record.name = c->slot_names[slot];
	c->chores.at = slot;
	return &c->step;
}

/* Learned server keys count only as long as the configured one is the one they came with (section 6, cfg.get). */
static void take_over(struct rid_controller *c, const struct record *r)
{
	c->clock_offset_ms = r->clock_offset_ms;
	c->last_ts = r->last_ts;
	if (memcmp(r->server_key, c->server_key, X25519_BYTES) == 0) {
		c->learned_count = (size_t)r->learned_count;
		memcpy(c->learned, r->learned, sizeof(c->learned));
	}
}

/* It holds already: the process ended, or the storage failed, before it was erased beside. */
static bool is_leftover(const struct rid_controller *c)
{
	const struct record *main = &c->records[SLOT_MAIN], *beside = &c->records[SLOT_BESIDE];

	return is_activated(c) && beside->phase == RECORD_UNCONFIRMED &&
	       memcmp(main->dk.public_key, beside->dk.public_key, P256_POINT_BYTES) == 0;
}

/* Its keys are those of the record that holds, which may be newer in all else: so neither may it take hold once more, nor they go. */
static const struct rid_step *leftover_erase(struct rid_controller *c)
{
	chores_new(c, false);
	chore_erase(c, SLOT_BESIDE);
	if (c->records[SLOT_BESIDE].recovery_used) {
		chore_forget_backup(c, 0);
		chore_forget_backup(c, 1);
	}
	record_forget(c, SLOT_BESIDE);
	return chores_do(c, done);
}

static const struct rid_step *loaded_all(struct rid_controller *c)
{
	enum slot slot = c->records[SLOT_MAIN].phase ? SLOT_MAIN : SLOT_BESIDE;

	if (c->records[slot].phase)
		take_over(c, &c->records[slot]);
	record_takes_hold(c);
	c->loaded = true;
	return is_leftover(c) ? leftover_erase(c) : done(c);
}

const rid_step *rid_load(rid_controller *c)
{
	if (is_busy(c))
		return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way");
	if (c->loaded)
		return refuse(c, DEVICE_WRONG_STATE, "loaded already");
	call_begin(c);
	return load(c, SLOT_MAIN);
}

/* RID_OK or the number of what is wrong with it. */
static int read_loaded(struct rid_controller *c, enum slot slot, struct slice box, uint64_t generation)
{
	struct record *r = &c->records[slot];

	if (failed(record_unseal(box, &c->storage_key, place_of(c, slot, &c->op), r)))
		return DEVICE_REGISTRATION_DATA_INVALIDATED;
	if ((r->phase == RECORD_CONFIRMED) != (slot == SLOT_MAIN))
		return DEVICE_REGISTRATION_DATA_INVALIDATED;
	if ((uint64_t)r->generation < generation)
		return DEVICE_DOWNGRADE_DETECTED;
	c->generations[slot] = (uint64_t)r->generation;
	return RID_OK;
}

const rid_step *rid_loaded(rid_controller *c, rid_loading what, const unsigned char *bytes, size_t n, uint64_t generation)
{
	enum slot slot = (enum slot)c->chores.at;
	int wrong = RID_OK;

	if (c->step.kind != RID_LOAD)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	c->generations[slot] = generation;
	if (what == RID_LOADED)
		wrong = read_loaded(c, slot, slice_of(bytes, n), generation);
	else if (what == RID_UNAVAILABLE)
		wrong = DEVICE_STORAGE_UNAVAILABLE;
	if (wrong) {
		record_forget(c, slot);
		return fail_with(c, wrong, c->slot_names[slot]);
	}
	return slot == SLOT_MAIN ? load(c, SLOT_BESIDE) : loaded_all(c);
}
