/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * translate.h - VIP to backend on the way out, backend to VIP on the way in
 */
#ifndef KEELSON_TRANSLATE_H
#define KEELSON_TRANSLATE_H

#include <linux/skbuff.h>
#include "instance.h"
#include "port.h"

/**
 * keelson_translate_request() - give a packet for a VIP its backend
 * @inst: instance
 * @from: the port that sends it
 * @skb: IPv4 packet to a VIP, data at its IP header; headers are its own
 * @ret_defragged: set if it was put together from fragments
 * Return: true: @skb now is for the backend; false: it was consumed.
 */
bool keelson_translate_request(struct keelson_instance *inst, struct keelson_port *from,
			       struct sk_buff *skb, bool *ret_defragged);

/**
 * keelson_translate_reply() - restore a VIP in what a client's port receives
 * @inst: instance
 * @skb: IPv4 packet, data at its IP header
 * Return: true: go on, changed or not; false: @skb was consumed.
 */
bool keelson_translate_reply(struct keelson_instance *inst, struct sk_buff *skb);

#endif /* KEELSON_TRANSLATE_H */
