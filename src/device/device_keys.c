/* The public keys of a device, sealed as one box of u8 tag | point. What tests a PIN is among them, so all are treated as secret. */
#include "device/internal.h"

enum { TAG_DEVICE = 1, TAG_HARDWARE = 2, TAG_PIN = 3, TAG_PENDING_PIN = 4, TAG_BIOMETRIC = 16 /* + enum auth_method */ };
enum { ENTRY_BYTES = 1 + POINT_BYTES, ENTRIES_MAX = 4 + auth_method_count };

static struct slice place_of(struct op *op, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "device.keys|");
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

static void add(struct buf *b, int tag, const uint8_t *point)
{
	buf_byte(b, (uint8_t)tag);
	buf_add(b, point, POINT_BYTES);
}

struct slice device_keys_seal(struct op *op, const struct user *owner, const struct device *d)
{
	struct buf b = buf_arena(op->arena, ENTRIES_MAX * ENTRY_BYTES);

	add(&b, TAG_DEVICE, d->dk);
	if (d->has_hk)
		add(&b, TAG_HARDWARE, d->hk);
	if (d->has_pin)
		add(&b, TAG_PIN, d->pk_pin);
	if (d->has_pending_pin)
		add(&b, TAG_PENDING_PIN, d->pending_pin);
	for (int m = 1; m < auth_method_count; m++)
		if (auth_method_is_biometric((enum auth_method)m) && d->methods >> m & 1)
			add(&b, TAG_BIOMETRIC + m, d->biometric[m]);
	return seal(&owner->key, op->app->env, place_of(op, &d->id), buf_bytes(&b), op->arena);
}

/* Where the point of that tag goes; NULL: no such tag. */
static uint8_t *point_of(struct device *d, int tag)
{
	switch (tag) {
	case TAG_DEVICE:
		return d->dk;
	case TAG_HARDWARE:
		d->has_hk = true;
		return d->hk;
	case TAG_PIN:
		d->has_pin = true;
		return d->pk_pin;
	case TAG_PENDING_PIN:
		d->has_pending_pin = true;
		return d->pending_pin;
	default:
		return tag > TAG_BIOMETRIC && tag < TAG_BIOMETRIC + auth_method_count ? d->biometric[tag - TAG_BIOMETRIC] : NULL;
	}
}

err device_keys_open(struct op *op, const struct user *owner, struct slice box, struct device *d)
{
	struct slice keys;

	d->has_hk = d->has_pin = d->has_pending_pin = false;
	TRY(unseal(&owner->key, place_of(op, &d->id), box, op->arena, &keys));
	ENSURE(keys.n && keys.n % ENTRY_BYTES == 0 && keys.p[0] == TAG_DEVICE, STORAGE);
	for (size_t at = 0; at < keys.n; at += ENTRY_BYTES) {
		uint8_t *point = point_of(d, keys.p[at]);

		ENSURE(point, STORAGE);
		memcpy(point, keys.p + at + 1, POINT_BYTES);
	}
	return OK;
}
