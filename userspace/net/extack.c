// SPDX-License-Identifier: GPL-2.0-or-later
/* extack.c - see extack.h */
#include "net/extack.h"

#include <libmnl/libmnl.h>

/* NL_SET_ERR_MSG_MOD() in the kernel puts the module's name in front. */
#define MODULE_PREFIX "keelson: "

void extack_parse(const struct nlmsghdr *reply, struct extack *ret)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(reply);
	size_t skip = reply->nlmsg_type == NLMSG_DONE ? sizeof(int) : sizeof(*e);
	const struct nlattr *a;

	*ret = (struct extack){ 0 };
	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS) || mnl_nlmsg_get_payload_len(reply) < skip)
		return;
	/* Without NETLINK_CAP_ACK the request's payload stands in front of the attributes. */
	if (reply->nlmsg_type == NLMSG_ERROR && !(reply->nlmsg_flags & NLM_F_CAPPED) &&
	    e->msg.nlmsg_len > sizeof(e->msg))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if (mnl_nlmsg_get_payload_len(reply) < skip)
		return;
	mnl_attr_for_each(a, reply, skip) {
		switch (mnl_attr_get_type(a)) {
		case NLMSGERR_ATTR_MSG:
			if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0)
				ret->text = mnl_attr_get_str(a);
			if (ret->text && startswith(ret->text, MODULE_PREFIX))
				ret->text += strlen(MODULE_PREFIX);
			break;
		case NLMSGERR_ATTR_OFFS:
			if (mnl_attr_validate(a, MNL_TYPE_U32) == 0)
				ret->offset = mnl_attr_get_u32(a);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (mnl_attr_validate(a, MNL_TYPE_U32) == 0)
				ret->missing = mnl_attr_get_u32(a);
			break;
		}
	}
}
