/*
 * What a phone keeps in its key store, as a file of lines:
 *   key HEX             seals the records
 *   device HEX          names the device
 *   generation NAME N   newest state of a record
 */
#ifndef AUTHENTICATOR_KEYSTORE_H
#define AUTHENTICATOR_KEYSTORE_H

#include "authenticator/store.h"

/* Makes one when there is none. */
err keystore_load(struct store *s);

#endif
