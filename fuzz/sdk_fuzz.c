/* What reaches the device library from outside: a backup out of the cloud, answers of the network, signatures of a key store. */
#include <stdint.h>
#include <stdlib.h>

#include "sdk/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rid_controller *open_one(void)
{
	static const unsigned char storage_key[RID_STORAGE_KEY_BYTES] = "key";
	const rid_config config = { .server_url = "https://fuzz.test", .application_id = "3f0c1d52-7c1b-4f7e-9a40-5d7f0d8f1a11",
		.public_key = "MCowBQYDK2VuAyEACQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", .os = "Android",
		.device_hash = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", .storage_key = storage_key };
	rid_controller *c;
	int error;

	c = rid_open(&config, "default", &error);
	if (!c)
		abort();
	rid_load(c);
	rid_loaded(c, RID_ABSENT, NULL, 0, 0);
	rid_loaded(c, RID_ABSENT, NULL, 0, 0);
	return c;
}

static void backup(rid_controller *c, const uint8_t *data, size_t size)
{
	rid_start_recovery(c);
	rid_backup_loaded(c, RID_LOADED, data, size);
	rid_backup_loaded(c, RID_LOADED, data, size);
}

static void answer(rid_controller *c, const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 400, 413, 429, 500, 503, 302, 0 };

	rid_load_config(c);
	if (size)
		rid_sent(c, statuses[data[0] & 7], data + 1, size - 1);
}

static void record(const uint8_t *data, size_t size)
{
	static const struct data_key key = { { 1 } };
	struct arena a = { 0 };
	struct record r;
	struct slice box = seal(&key, &env_system, S("place"), slice_of(data, size), &a);

	if (!failed(record_unseal(box, &key, S("place"), &r)))
		record_seal(&r, &key, &env_system, S("place"), &a);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t signature[P256_SIG_BYTES];
	rid_controller *c = open_one();

	if (size && data[0] % 4 == 0)
		backup(c, data + 1, size - 1);
	else if (size && data[0] % 4 == 1)
		answer(c, data + 1, size - 1);
	else if (size && data[0] % 4 == 2)
		record(data + 1, size - 1);
	else if (size)
		IGNORE(signature_read(slice_of(data + 1, size - 1), signature));
	rid_close(c);
	return 0;
}
