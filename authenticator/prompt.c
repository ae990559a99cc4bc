/* Questions at the terminal. PINs are not echoed, and Ctrl-C gives the terminal back as it was. */
#include "authenticator/app.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DELETE = 127, LINE_BYTES_MAX = 1024 };

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool has_terminal(void)
{
	int fd = open_terminal();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void put(int fd, const char *text)
{
	ssize_t n = write(fd, text, strlen(text));

	(void)n; /* a question that cannot be seen is answered with what comes, or nothing */
}

/* ---- without echo ---- */

/* Takes the last character off, all of its bytes. */
static size_t shorter(const char *pin, size_t n)
{
	while (n && ((uint8_t)pin[n - 1] & 0xc0) == 0x80)
		n--;
	return n ? n - 1 : 0;
}

/* False: given up. */
static bool read_hidden(int fd, char *pin, size_t *ret_n)
{
	size_t n = 0;
	char c;

	while (read(fd, &c, 1) == 1 && c != CTRL_C && !(c == CTRL_D && n == 0)) {
		if (c == '\n' || c == '\r') {
			*ret_n = n;
			return true;
		}
		if (c == BACKSPACE || c == DELETE)
			n = shorter(pin, n);
		else if (c == CTRL_U)
			n = 0;
		else if (n < PIN_BYTES)
			pin[n++] = c;
	}
	return false;
}

/*
 * Keys come one by one and make no signals, and none from elsewhere end the process while there is no echo. What was typed before the
 * question is thrown away.
 */
static bool with_hidden_terminal(int fd, const char *prompt, char *pin, size_t *ret_n)
{
	struct termios before, hidden;
	sigset_t all, old;
	bool good;

	if (tcgetattr(fd, &before) != 0)
		return false;
	hidden = before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
	hidden.c_cc[VMIN] = 1;
	hidden.c_cc[VTIME] = 0;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	tcsetattr(fd, TCSAFLUSH, &hidden);
	put(fd, prompt);
	good = read_hidden(fd, pin, ret_n);
	tcsetattr(fd, TCSADRAIN, &before);
	sigprocmask(SIG_SETMASK, &old, NULL);
	put(fd, "\n");
	return good;
}

static bool pin_from_terminal(struct app *app, const char *prompt, char *pin, size_t *ret_n)
{
	int fd = open_terminal();
	bool good;

	if (fd < 0) {
		say_failed(app, "There is no terminal to ask at; give the PIN with --pin-file, a new one with --new-pin-file where both are needed, "
				"a recovery code with --code-file.");
		return false;
	}
	good = with_hidden_terminal(fd, prompt, pin, ret_n);
	close(fd);
	if (!good)
		say_failed(app, "No PIN was given.");
	return good;
}

static bool pin_from_file(struct app *app, const char *file, char *pin, size_t *ret_n)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got;

	if (fd < 0) {
		say_failed(app, "Cannot read %s: %s", file, strerror(errno));
		return false;
	}
	while (n < PIN_BYTES && (got = read(fd, pin + n, PIN_BYTES - n)) > 0)
		n += (size_t)got;
	if (!is_stdin)
		close(fd);
	*ret_n = slice_find(slice_of(pin, n), '\n');
	if (*ret_n && pin[*ret_n - 1] == '\r')
		--*ret_n;
	return true;
}

bool secret_read(struct app *app, enum option_id file, const char *prompt, char secret[static PIN_BYTES], size_t *ret_n)
{
	if (given(app, file))
		return pin_from_file(app, given(app, file), secret, ret_n);
	return pin_from_terminal(app, prompt, secret, ret_n);
}

bool pin_read(struct app *app, const char *prompt, char pin[static PIN_BYTES], size_t *ret_n)
{
	return secret_read(app, OPT_PIN_FILE, prompt, pin, ret_n);
}

bool file_read(struct app *app, const char *file, size_t max, struct slice *ret_bytes)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct buf b = buf_arena(&app->arena, max);
	uint8_t part[4096];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	wipe(part, sizeof(part));
	if (n < 0)
		say_failed(app, "Cannot read %s: %s", file, strerror(errno));
	else if (failed(buf_ok(&b)))
		say_failed(app, "%s is too large.", file);
	if (fd >= 0 && !is_stdin)
		close(fd);
	*ret_bytes = buf_bytes(&b);
	return n == 0 && !failed(buf_ok(&b));
}

/* ---- with echo ---- */

struct slice line_read(struct app *app, const char *prompt)
{
	char line[LINE_BYTES_MAX];
	int fd = open_terminal();
	ssize_t n;

	if (fd < 0)
		return S("");
	put(fd, prompt);
	n = read(fd, line, sizeof(line));
	close(fd);
	return n > 0 ? arena_copy(&app->arena, slice_trim(slice_of(line, slice_find(slice_of(line, (size_t)n), '\n')))) : S("");
}

bool confirmed(struct app *app, const char *question)
{
	struct slice answer = line_read(app, (const char *)arena_printf(&app->arena, "%s [y/N] ", question).p);

	return slice_ieq(answer, S("y")) || slice_ieq(answer, S("yes"));
}
