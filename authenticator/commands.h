/* The commands, each in a function that returns the exit code. */
#ifndef AUTHENTICATOR_COMMANDS_H
#define AUTHENTICATOR_COMMANDS_H

#include "authenticator/app.h"

int run_configure(struct app *app);
int run_register(struct app *app);
int run_pending(struct app *app);
int run_wait(struct app *app);
int run_approve(struct app *app);
int run_sign(struct app *app);
int run_decline(struct app *app);
int run_status(struct app *app);
int run_deactivate(struct app *app);
int run_pin(struct app *app);
int run_add_method(struct app *app);
int run_remove_method(struct app *app);
int run_add_recovery(struct app *app);
int run_remove_recovery(struct app *app);
int run_recover(struct app *app);
int run_push_token(struct app *app);
int run_push_heard(struct app *app);
int run_man(struct app *app);

/* register_command.c: what a new device is called, what it tells of itself, and what is said when it is there. */
const char *device_name(struct app *app);
void describe_device(struct app *app);
int registered(struct app *app, const rid_step *s);

/* approve_command.c: the method that --method says, or the one that fits best. */
int choose_method(const struct app *app, int allowed);

#endif
