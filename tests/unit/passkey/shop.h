/* An account with the domain "shop.example", for tests of passkeys. */
#ifndef TEST_UNIT_PASSKEY_SHOP_H
#define TEST_UNIT_PASSKEY_SHOP_H

#include "passkey/internal.h"
#include "tests/unit/common/world.h"

#define PASSKEYS "/reuseid/core/credentials/passkeys"
/* A point of P-256 as a COSE key, in base64url. */
#define PASSKEY_KEY "pQECAyYgASFYIK_voW-XypstI-uGzLZAmNINuQhWBi6yScM6m2cvJt9hIlggkwpWuHovymYzSwNFir-HlxfBLMaO1zKQry4mZHlrkiA"

int shop_setup(void **state);
int shop_teardown(void **state);
/* Sets what the domain means: members of the body. */
struct answer shop_set(struct world *w, const char *members);
/* An operation of the account, for functions that want one. */
struct op *shop_op(struct world *w);
const struct passkey_domain *shop_domain(struct world *w);

#define SHOP_TEST(name) cmocka_unit_test_setup_teardown(name, shop_setup, shop_teardown)

#endif
