// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_loop.c - timers, signals and back-off on the loop */
#include "test_loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include "base/loop.h"

static sd_event *loop;

struct counter {
	struct loop_timer t;
	int fired, again;
	struct counter **self;	/* freed in the callback */
};

static void fire(void *data)
{
	struct counter *c = data;

	c->fired++;
	if (c->again-- > 0)
		loop_timer_start(&c->t, 0);
	if (c->self) {
		loop_timer_stop(&c->t);
		free(TAKE_PTR(*c->self));
	}
}

static void test_timer(void **state)
{
	struct counter c = { 0 };
	uint64_t start = now_monotonic_us();

	loop_timer_stop(&c.t);
	loop_timer_init(&c.t, loop, fire, &c);
	assert_false(loop_timer_armed(&c.t));
	loop_timer_start(&c.t, 50000);
	assert_true(loop_timer_armed(&c.t));
	loop_until(loop, 1000, c.fired);
	assert_true(now_monotonic_us() - start >= 50000);
	assert_false(loop_timer_armed(&c.t));
	loop_for(loop, 100);
	assert_int_equal(c.fired, 1);

	loop_timer_start(&c.t, 0);
	assert_int_equal(c.fired, 1);	/* never from inside the call */
	loop_until(loop, 1000, c.fired == 2);

	loop_timer_start(&c.t, 10000);
	loop_timer_stop(&c.t);
	loop_timer_stop(&c.t);
	loop_for(loop, 30);
	assert_int_equal(c.fired, 2);

	c.again = 3;
	loop_timer_start(&c.t, 0);
	loop_until(loop, 1000, c.fired == 6);
	loop_timer_stop(&c.t);
}

static void test_start_by(void **state)
{
	struct counter c = { 0 };

	loop_timer_init(&c.t, loop, fire, &c);
	loop_timer_start(&c.t, 3600000000);
	loop_timer_start_by(&c.t, 1000);	/* sooner: moved */
	loop_timer_start_by(&c.t, 3600000000);	/* later: stays */
	loop_until(loop, 1000, c.fired == 1);
	loop_timer_start(&c.t, 1000);
	loop_timer_start(&c.t, 3600000000);	/* start() always moves */
	loop_for(loop, 30);
	assert_int_equal(c.fired, 1);
	loop_timer_stop(&c.t);
}

/* A delay of 0 costs a turn of the loop and no time: it does not wait for a clock. */
static void test_next_turn(void **state)
{
	struct counter c = { 0 };

	loop_timer_init(&c.t, loop, fire, &c);
	for (int i = 1; i <= 100; i++) {
		if (i % 2)
			loop_timer_start(&c.t, 3600000000);
		loop_timer_start_by(&c.t, 0);
		loop_timer_start_by(&c.t, 1000);	/* later: stays */
		assert_true(loop_timer_armed(&c.t));
		assert_true(sd_event_prepare(loop) > 0);	/* there is nothing to wait for */
		assert_true(sd_event_dispatch(loop) > 0);
		assert_int_equal(c.fired, i);
		assert_false(loop_timer_armed(&c.t));
	}
	/* Moved from the next turn to later, and stopped before it. */
	loop_timer_start(&c.t, 0);
	loop_timer_start(&c.t, 3600000000);
	assert_int_equal(sd_event_run(loop, 0), 0);
	loop_timer_start(&c.t, 0);
	loop_timer_stop(&c.t);
	assert_int_equal(sd_event_run(loop, 0), 0);
	assert_int_equal(c.fired, 100);
}

static int on_readable(sd_event_source *s, int fd, uint32_t events, void *data)
{
	*(bool *)data = true;
	return sd_event_source_set_enabled(s, SD_EVENT_OFF);
}

/* Who always wants the next turn leaves the others theirs. */
static void test_next_turn_is_fair(void **state)
{
	struct counter c = { .again = 1000000 }, d = { .again = 1000000 };
	sd_event_source *io = NULL;
	bool readable = false;
	int fds[2], turns = 0;

	loop_timer_init(&c.t, loop, fire, &c);
	loop_timer_init(&d.t, loop, fire, &d);
	loop_timer_start(&c.t, 0);
	loop_timer_start(&d.t, 0);
	for (int i = 0; i < 10; i++)
		assert_true(sd_event_run(loop, 0) > 0);
	assert_int_equal(pipe(fds), 0);
	assert_true(sd_event_add_io(loop, &io, fds[0], EPOLLIN, on_readable, &readable) >= 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	while (!readable && turns++ < 100)
		assert_true(sd_event_run(loop, 0) > 0);
	assert_true(turns < 10);
	assert_true(c.fired && d.fired);
	loop_source_drop(&io);
	loop_timer_stop(&c.t);
	loop_timer_stop(&d.t);
	close(fds[0]);
	close(fds[1]);
}

static void test_freed_in_callback(void **state)
{
	struct counter *c = xnew0(struct counter);

	c->self = &c;
	loop_timer_init(&c->t, loop, fire, c);
	loop_timer_start(&c->t, 0);
	loop_until(loop, 1000, !c);
}

static void test_signal_ends_loop(void **state)
{
	sd_event *e;

	assert_int_equal(loop_new(&e), 0);
	assert_int_equal(raise(SIGPIPE), 0);	/* ignored, or this test is over */
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(sd_event_loop(e), 0);
	sd_event_unref(e);
}

/* A timer that is started after the loop has ended does nothing, and harms nothing. */
static void test_after_the_end(void **state)
{
	struct counter c = { 0 }, d = { 0 };
	sd_event *e;

	assert_int_equal(loop_new(&e), 0);
	loop_timer_init(&c.t, e, fire, &c);
	loop_timer_init(&d.t, e, fire, &d);
	loop_timer_start(&c.t, 3600000000);
	assert_int_equal(sd_event_exit(e, 0), 0);
	assert_int_equal(sd_event_loop(e), 0);
	loop_timer_start(&c.t, 0);
	loop_timer_start(&d.t, 0);
	loop_timer_stop(&c.t);
	loop_timer_stop(&d.t);
	sd_event_unref(e);
}

static void test_backoff(void **state)
{
	struct backoff b = { .first_us = 1000, .max_us = 10000 };
	static const uint64_t steps[] = { 1000, 2000, 4000, 8000, 10000, 10000 };

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
			uint64_t us = backoff_next(&b);

			assert_in_range(us, steps[i] * 4 / 5, steps[i] * 6 / 5);
		}
		backoff_reset(&b);
	}
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
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_start_by),
		cmocka_unit_test(test_next_turn),
		cmocka_unit_test(test_next_turn_is_fair),
		cmocka_unit_test(test_freed_in_callback),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_signal_ends_loop),
		cmocka_unit_test(test_after_the_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
