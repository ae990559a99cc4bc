/*
 * The public keys of a device, sealed as boxes of u8 tag | point: one of what tests a PIN, which goes with the device, and one of the
 * others, by which a deleted device is still known when it calls. In older rows all of them stand in the one.
 */
#include "device/internal.h"

enum { TAG_DEVICE = 1, TAG_HARDWARE = 2, TAG_PIN = 3, TAG_PENDING_PIN = 4, TAG_BIOMETRIC = 16 /* + enum auth_method */ };
enum { ENTRY_BYTES = 1 + POINT_BYTES, ENTRIES_MAX = 4 + auth_method_count };

static struct slice place_of(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

static void add(struct buf *b, int tag, const uint8_t *point)
{
	buf_byte(b, (uint8_t)tag);
	buf_add(b, point, POINT_BYTES);
}

#define PLACE_OF_ALL "device.keys|"
#define PLACE_OF_PIN "device.pin|"

struct key_boxes device_keys_seal(struct op *op, const struct user *owner, const struct device *d)
{
	const struct env *env = op->app->env;
	struct buf all = buf_arena(op->arena, ENTRIES_MAX * ENTRY_BYTES), pin = buf_arena(op->arena, 2 * ENTRY_BYTES);
	struct key_boxes boxes = { .pin = S("") };

	add(&all, TAG_DEVICE, d->dk);
	if (d->has_hk)
		add(&all, TAG_HARDWARE, d->hk);
	for (int m = 1; m < auth_method_count; m++)
		if (auth_method_is_biometric((enum auth_method)m) && d->methods >> m & 1)
			add(&all, TAG_BIOMETRIC + m, d->biometric[m]);
	if (d->has_pin)
		add(&pin, TAG_PIN, d->pk_pin);
	if (d->has_pending_pin)
		add(&pin, TAG_PENDING_PIN, d->pending_pin);
	boxes.keys = seal(&owner->key, env, place_of(op, PLACE_OF_ALL, &d->id), buf_bytes(&all), op->arena);
	if (buf_bytes(&pin).n)
		boxes.pin = seal(&owner->key, env, place_of(op, PLACE_OF_PIN, &d->id), buf_bytes(&pin), op->arena);
	return boxes;
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

static err read_points(struct slice points, struct device *d)
{
	ENSURE(points.n && points.n % ENTRY_BYTES == 0, STORAGE);
	for (size_t at = 0; at < points.n; at += ENTRY_BYTES) {
		uint8_t *point = point_of(d, points.p[at]);

		ENSURE(point, STORAGE);
		memcpy(point, points.p + at + 1, POINT_BYTES);
	}
	return OK;
}

err device_keys_open(struct op *op, const struct user *owner, const struct key_boxes *boxes, struct device *d)
{
	struct slice points;

	d->has_hk = d->has_pin = d->has_pending_pin = false;
	TRY(unseal(&owner->key, place_of(op, PLACE_OF_ALL, &d->id), boxes->keys, op->arena, &points));
	ENSURE(points.n && points.p[0] == TAG_DEVICE, STORAGE);
	TRY(read_points(points, d));
	if (!boxes->pin.n)
		return OK;
	TRY(unseal(&owner->key, place_of(op, PLACE_OF_PIN, &d->id), boxes->pin, op->arena, &points));
	return read_points(points, d);
}
