// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * controllers.c - the table of controllers; see controllers.h
 *
 * To add one: write NAME.c with a pure NAME_reconcile(), its watches and its
 * sync (replicaset.c is a good model, runner.h the contract), declare
 * NAME_controller in NAME.h, add its row here, and test the reconcile in
 * selftests/unit/test_controllers_NAME.c (some small ones share a file).
 */
#include "controllers/controllers.h"

#include "base/log.h"
#include "controllers/deployment.h"
#include "controllers/endpoints.h"
#include "controllers/endpointslice.h"
#include "controllers/garbage.h"
#include "controllers/namespace.h"
#include "controllers/nodelifecycle.h"
#include "controllers/podgc.h"
#include "controllers/replicaset.h"
#include "controllers/runner.h"

static const struct controller *const table[] = {
	&deployment_controller,		/* Deployment -> ReplicaSets */
	&replicaset_controller,		/* ReplicaSet -> Pods */
	&endpointslice_controller,	/* Service, Pods -> EndpointSlices */
	&endpoints_controller,		/* Service, Pods -> Endpoints */
	&garbage_controller,		/* ownerReferences, of every kind */
	&namespace_controller,		/* default account and CA; emptying */
	&nodelifecycle_controller,	/* silent nodes: conditions, taints, evictions */
	&podgc_controller,		/* pods of nodes that are gone */
};

struct controllers {
	struct informers *informers;
	struct runner *runners[ARRAY_SIZE(table)];
};

/* The scheduler's caches have the same source: one line is enough. */
static void on_contact(void *data, const char *why)
{
	if (why)
		log_warn("controllers and scheduler do not hear of changes: %s", why);
	else
		log_info("controllers and scheduler hear of changes again");
}

struct controllers *controllers_start(sd_event *loop, struct store *s, const struct controllers_config *config)
{
	struct controllers *c = xnew0(struct controllers);

	c->informers = informers_new(loop, s);
	informers_on_contact(c->informers, on_contact, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		c->runners[i] = runner_new(loop, s, c->informers, table[i], config);
	informers_start(c->informers);
	return c;
}

uint64_t controllers_visits(const struct controllers *c)
{
	return informers_visits(c->informers);
}

void controllers_free(struct controllers *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		runner_free(c->runners[i]);
	informers_free(c->informers);
	free(c);
}
