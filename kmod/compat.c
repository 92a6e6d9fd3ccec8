// SPDX-License-Identifier: GPL-2.0-only
/*
 * compat.c - see compat.h
 */
#include "compat.h"

#ifdef KEELSON_EXTACK_BUFFERS
char *keelson_extack_buffer(void)
{
	static char buffers[KEELSON_EXTACK_BUFFERS][KEELSON_EXTACK_LEN];
	static atomic_t next;

	return buffers[(unsigned int)atomic_inc_return(&next) % KEELSON_EXTACK_BUFFERS];
}
#endif
