// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_work.c - work that can wait, and what is known of each turn of the loop */
#include "test_loop.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "base/loop.h"
#include "base/loop_stats.h"
#include "base/loop_work.h"

static sd_event *loop;
static char order[256];

static void note(const char *what)
{
	strncat(order, what, sizeof(order) - strlen(order) - 1);
}

/* Takes its time: ms of it, in parts. */
struct job {
	struct loop_work w;
	const char *name;
	unsigned ms;		/* left */
	unsigned parts;
	struct job *stops;	/* another, stopped from within */
	bool again;		/* queues itself besides what it returns */
};

static void busy(unsigned ms)
{
	uint64_t end = now_monotonic_us() + ms * 1000ULL;

	while (now_monotonic_us() < end)
		;
}

static bool do_job(void *data)
{
	struct job *j = data;

	j->parts++;
	note(j->name);
	if (j->stops)
		loop_work_stop(&j->stops->w);
	if (j->again) {
		j->again = false;
		loop_work_start(&j->w);
	}
	while (j->ms && !loop_turn_spent(loop)) {
		busy(1);
		j->ms--;
	}
	return j->ms > 0;
}

static void job_init(struct job *j, const char *name, unsigned ms)
{
	*j = (struct job){ .name = name, .ms = ms };
	loop_work_init(&j->w, loop, do_job, j);
}

static void turns(int n)
{
	while (n-- > 0)
		assert_true(sd_event_run(loop, 1000000) >= 0);
}

/* Each in its turn, what is left at the end of the queue. */
static void test_parts(void **state)
{
	struct job a, b, c;

	order[0] = '\0';
	job_init(&a, "a", 14);
	job_init(&b, "b", 7);
	job_init(&c, "c", 0);
	loop_work_start(&a.w);
	loop_work_start(&a.w);	/* once is enough */
	loop_work_start(&b.w);
	loop_work_start(&c.w);
	assert_int_equal(a.parts, 0);
	turns(1);
	assert_int_equal(a.parts, 1);
	assert_true(a.ms >= 14 - 6);	/* the budget is five */
	while (a.ms || b.ms)
		turns(1);
	assert_true(startswith(order, "abcab"));
	assert_null(strstr(order, "bb"));
	assert_int_equal(sd_event_run(loop, 0), 0);	/* nothing is left */
}

static void test_stop(void **state)
{
	struct job a, b;

	order[0] = '\0';
	job_init(&a, "a", 0);
	job_init(&b, "b", 0);
	loop_work_stop(&a.w);
	loop_work_start(&a.w);
	loop_work_stop(&a.w);
	assert_int_equal(sd_event_run(loop, 0), 0);
	/* The last one in the queue, from within the one that runs. */
	a.stops = &b;
	loop_work_start(&a.w);
	loop_work_start(&b.w);
	turns(1);
	assert_int_equal(sd_event_run(loop, 0), 0);
	/* Asked for again while it runs: once more, not twice. */
	a.stops = NULL;
	a.again = true;
	loop_work_start(&a.w);
	turns(2);
	assert_int_equal(sd_event_run(loop, 0), 0);
	assert_string_equal(order, "aaa");
}

static bool free_itself(void *data)
{
	free(data);
	return false;
}

static void test_freed(void **state)
{
	struct loop_work *w = xnew0(struct loop_work);

	loop_work_init(w, loop, free_itself, w);
	loop_work_start(w);
	turns(1);
	assert_int_equal(sd_event_run(loop, 0), 0);
}

static int on_readable(sd_event_source *s, int fd, uint32_t events, void *data)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
	note("i");
	return 0;
}

/* Whoever is served comes first; not for ever. */
static void test_served_first(void **state)
{
	struct job a;
	sd_event_source *io = NULL;
	int fds[2], n = 0;
	uint64_t start = now_monotonic_us();

	order[0] = '\0';
	assert_int_equal(pipe(fds), 0);
	assert_true(sd_event_add_io(loop, &io, fds[0], EPOLLIN, on_readable, NULL) >= 0);
	job_init(&a, "a", 12);
	loop_work_start(&a.w);
	assert_int_equal(write(fds[1], "xxx", 3), 3);
	turns(3);
	if (now_monotonic_us() - start < LOOP_PATIENCE_US)	/* else the machine was busy with others */
		assert_string_equal(order, "iii");
	turns(2);
	/* More and more to serve: work goes on all the same. */
	start = now_monotonic_us();
	while (a.ms) {
		assert_int_equal(write(fds[1], "x", 1), 1);
		turns(1);
		n++;
	}
	assert_true(n > 2);
	assert_true(now_monotonic_us() - start < 1000000);
	loop_work_stop(&a.w);
	loop_source_drop(&io);
	close(fds[0]);
	close(fds[1]);
}

/* --- what is known of a turn --- */

static void slow_turn(void *data)
{
	loop_part("the first part", NULL);
	busy(2);
	loop_part("the long part", "ns/name");
	busy(25);
	loop_part("the last part", "x");
}

static void the_end(void *data)
{
	sd_event_exit(loop, 7);
}

static void quick_turn(void *data)
{
}

static char path[] = "/tmp/keelson-test-work.XXXXXX";

static void test_stats(void **state)
{
	int old = dup(2), fd = mkstemp(path);
	_cleanup_free_ char *log = NULL;
	struct loop_timer t[3];
	struct loop_stats before, after;

	loop_stats_get(&before);
	loop_timer_init(&t[0], loop, quick_turn, NULL);
	loop_timer_init(&t[1], loop, slow_turn, NULL);
	loop_timer_init(&t[2], loop, the_end, NULL);
	loop_timer_start(&t[0], 0);
	loop_timer_start(&t[1], 1000);
	loop_timer_start(&t[2], 60000);
	dup2(fd, 2);
	assert_int_equal(loop_run(loop), 7);
	dup2(old, 2);
	close(old);
	close(fd);
	for (int i = 0; i < 3; i++)
		loop_timer_stop(&t[i]);
	loop_stats_get(&after);
	/* A busy machine may make others slow too: at least the one. */
	assert_true(after.turns - before.turns >= 3);
	assert_true(after.slow - before.slow >= 1);
	assert_true(after.longest_us >= 27000);
	assert_true(after.busy_us - before.busy_us >= 27000);
	assert_true(after.within[5] - before.within[5] <= after.turns - before.turns - 1);	/* 20 ms */
	assert_int_equal(after.within[LOOP_STATS_BOUNDS - 1] - before.within[LOOP_STATS_BOUNDS - 1], after.turns - before.turns);
	for (size_t i = 1; i < LOOP_STATS_BOUNDS; i++)
		assert_true(after.within[i] >= after.within[i - 1]);
	assert_int_equal(read_file(path, 65536, &log, NULL), 0);
	assert_non_null(strstr(log, "a turn of the loop took "));
	assert_non_null(strstr(log, ": the long part ns/name\n"));
	/* Outside of loop_run() nobody looks. */
	loop_part("nothing", NULL);
}

/* A turn that nobody described has the name of its timer. */
static void unnamed(void *data)
{
	busy(25);
	sd_event_exit(loop, 0);
}

static void test_default_name(void **state)
{
	int old = dup(2), fd = open(path, O_WRONLY | O_TRUNC);
	_cleanup_free_ char *log = NULL;
	struct loop_timer t;

	loop_timer_init(&t, loop, unnamed, NULL);
	loop_timer_start(&t, 0);
	dup2(fd, 2);
	assert_int_equal(loop_run(loop), 0);
	dup2(old, 2);
	close(old);
	close(fd);
	loop_timer_stop(&t);
	assert_int_equal(read_file(path, 65536, &log, NULL), 0);
	assert_non_null(strstr(log, ": test_base_work.c: unnamed\n"));
	unlink(path);
}

/* Work that is started when the loop has ended does nothing, and harms nothing. */
static void test_after_the_end(void **state)
{
	struct job a;

	job_init(&a, "a", 0);
	assert_int_equal(sd_event_exit(loop, 0), 0);
	assert_int_equal(sd_event_loop(loop), 0);
	loop_work_start(&a.w);
	loop_work_stop(&a.w);
}

static int setup(void **state)
{
	return loop_new(&loop);
}

static int teardown(void **state)
{
	sd_event_unref(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_freed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_served_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stats, setup, teardown),
		cmocka_unit_test_setup_teardown(test_default_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_after_the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
