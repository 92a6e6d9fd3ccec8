/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maglev.h - consistent hashing: a table from hash to backend; pure
 *
 * After Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
 * Balancer" (NSDI 2016): each backend claims slots in the order of its own
 * permutation, in turns, so that shares are even and few slots change hands
 * when a backend comes or goes.
 */
#ifndef KEELSON_MAGLEV_H
#define KEELSON_MAGLEV_H

#include <linux/types.h>

/**
 * struct keelson_maglev_seed - what a backend's permutation follows from
 * @addr: its address
 * @port: its port
 */
struct keelson_maglev_seed {
	__be32 addr;
	__be16 port;
};

/**
 * keelson_maglev_size() - how many slots a table for @n backends has
 * @n: 1..KEELSON_MAX_BACKENDS
 * Return: a prime, at least 60 times @n; or 1 for one backend.
 */
u32 keelson_maglev_size(unsigned int n);

/**
 * keelson_maglev_fill() - fill a table
 * @table: @size slots; each becomes an index into @seeds
 * @size: from keelson_maglev_size()
 * @seeds: the backends
 * @n: how many, 1..KEELSON_MAX_BACKENDS
 * @scratch: 2 * @n words
 */
void keelson_maglev_fill(u16 *table, u32 size, const struct keelson_maglev_seed *seeds,
			 unsigned int n, u32 *scratch);

#endif /* KEELSON_MAGLEV_H */
