/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * etcd_pb.h - between etcd.h's structs and the protobuf messages; shared by
 *             etcd.c and etcd_watch.c
 */
#ifndef KEELSON_STORE_ETCD_PB_H
#define KEELSON_STORE_ETCD_PB_H

#include "rpc/grpc.h"
#include "store/etcd.h"
#include "store/etcd.pb-c.h"

/* Unpacked bytes and strings end with NUL. Free with the same allocator. */
extern ProtobufCAllocator etcd_pb_allocator;

/* A key for a request. "" stands for etcd's "\0": as a key the first of all, as a range end no end. */
ProtobufCBinaryData etcd_pb_key(const char *key);
/* Borrows from the message. */
struct etcd_kv etcd_pb_kv(const Etcdserverpb__KeyValue *kv);
/* A packed message; caller frees. */
void *etcd_pb_pack(const ProtobufCMessage *m, size_t *ret_len);
/* Our errno for a gRPC status other than GRPC_OK; see etcd.h. */
int etcd_pb_errno(int status, const char *msg);

struct etcd_watcher;
/* The watch half of a client: one stream for all its watches. */
struct etcd_watcher *etcd_watcher_new(struct grpc_channel *ch);
void etcd_watcher_free(struct etcd_watcher *wr);
struct etcd_watcher *etcd_get_watcher(struct etcd *e);

#endif
