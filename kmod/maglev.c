// SPDX-License-Identifier: GPL-2.0-only
/*
 * maglev.c - see maglev.h
 */
#include <linux/jhash.h>
#include <linux/kernel.h>
#include "maglev.h"

#define MAGLEV_FREE	0xffff

u32 keelson_maglev_size(unsigned int n)
{
	static const u32 primes[] = { 251, 1021, 4093, 16381, 65521 };
	unsigned int i;

	if (n <= 1)
		return 1;
	for (i = 0; i < ARRAY_SIZE(primes) - 1; i++)
		if (primes[i] >= n * 60)
			break;
	return primes[i];
}

void keelson_maglev_fill(u16 *table, u32 size, const struct keelson_maglev_seed *seeds,
			 unsigned int n, u32 *scratch)
{
	u32 *next = scratch, *skip = scratch + n, filled = 0, i;

	if (size == 1) {
		table[0] = 0;
		return;
	}
	for (i = 0; i < size; i++)
		table[i] = MAGLEV_FREE;
	for (i = 0; i < n; i++) {
		u32 addr = (__force u32)seeds[i].addr, port = (__force u16)seeds[i].port;

		next[i] = jhash_2words(addr, port, 0x6b65656c) % size;
		skip[i] = jhash_2words(addr, port, 0x736f6e21) % (size - 1) + 1;
	}
	for (i = 0; filled < size; i = i + 1 < n ? i + 1 : 0) {
		u32 slot = next[i];

		while (table[slot] != MAGLEV_FREE) {
			slot += skip[i];
			if (slot >= size)
				slot -= size;
		}
		table[slot] = i;
		filled++;
		slot += skip[i];
		next[i] = slot >= size ? slot - size : slot;
	}
}
