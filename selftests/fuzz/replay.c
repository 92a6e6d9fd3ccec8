// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - runs a fuzz target over files, where there is no libFuzzer
 *
 * fuzz_LAYER_what CORPUS...: every file of these directories as it is and cut at
 * every byte (of a long one at CUTS places), each in memory of its own size, so
 * that ASan sees a byte read too far. Prints one line of TAP. Whatever crashes,
 * leaks or thinks too long is a failure that names the file.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#include "fuzz.h"

#define FILE_MAX (64u << 10)
#define CUTS 400
#define SLOW (CLOCKS_PER_SEC / 50)
#define CPU_LIMIT_S 5		/* one run; the most of them take some microseconds */

static char current[512];	/* what runs, for the one that ends it */

static void say_failed(const char *why)
{
	dprintf(1, "not ok 1 - %s: %s\n1..1\n", current, why);
}

static void on_death(void)
{
	say_failed("a sanitizer's finding, see above");
}

static void on_signal(int sig)
{
	say_failed(sig == SIGVTALRM ? "takes too long" : "aborts");
	_exit(1);
}

static void run(const char *file, const uint8_t *data, size_t len)
{
	static const struct itimerval limit = { .it_value.tv_sec = CPU_LIMIT_S };
	uint8_t *copy = xmalloc(len ? len : 1);

	snprintf(current, sizeof(current), "%s, %zu bytes", file, len);
	if (len)
		memcpy(copy, data, len);
	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	LLVMFuzzerTestOneInput(len ? copy : copy + 1, len);
	free(copy);
}

/* Returns how many runs. */
static int replay_file(const char *path)
{
	_cleanup_free_ char *data = NULL;
	size_t len, step;
	clock_t began;
	int n = 1;

	if (read_file(path, FILE_MAX, &data, &len) < 0) {
		snprintf(current, sizeof(current), "%s", path);
		say_failed("cannot be read");
		exit(1);
	}
	began = clock();
	run(path, (const uint8_t *)data, len);
	/* what takes its time is cut in fewer places */
	step = len / (clock() - began > SLOW ? CUTS / 20 : CUTS) + 1;
	for (size_t cut = 0; cut < len; cut += step, n++)
		run(path, (const uint8_t *)data, cut);
	return n;
}

static int replay_directory(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort), runs = 0;

	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, names[i]->d_name);
		struct stat st;

		if (!stat(path, &st) && S_ISREG(st.st_mode))
			runs += replay_file(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return runs;
}

int main(int argc, char **argv)
{
	int runs = 0;

	signal(SIGABRT, on_signal);
	signal(SIGVTALRM, on_signal);
	__sanitizer_set_death_callback(on_death);
	for (int i = 1; i < argc; i++)
		runs += replay_directory(argv[i]);
	snprintf(current, sizeof(current), "%d runs", runs);
	if (!runs || __lsan_do_recoverable_leak_check()) {
		say_failed(runs ? "leaks, see above" : "no corpus");
		return 1;
	}
	printf("ok 1 - %d runs over the corpus\n1..1\n", runs);
	return 0;
}
