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
int run_man(struct app *app);

#endif
