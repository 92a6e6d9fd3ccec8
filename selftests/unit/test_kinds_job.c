// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_job.c - Job and CronJob */
#include "test_kinds.h"

#define PODS "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}"
#define META_UID "'metadata':{'name':'x','namespace':'d','uid':'u','creationTimestamp':'2025-12-31T23:59:00Z'}"
#define JOB(spec) "{" META_UID ",'spec':{" spec "}}"
#define TMPL(meta, pod) "'template':{'metadata':{" meta "},'spec':{'containers':[{'name':'c','image':'i'}]" pod "}}"

static void jobs(void **state)
{
	static const struct verdict v[] = {
		{ JOB(PODS), "" },
		{ JOB("'parallelism':-1,'completions':-2,'backoffLimit':-3,'ttlSecondsAfterFinished':-4," PODS),
		  "[spec.parallelism: Invalid value: -1: must be greater than or equal to 0, "
		  "spec.completions: Invalid value: -2: must be greater than or equal to 0, "
		  "spec.backoffLimit: Invalid value: -3: must be greater than or equal to 0, "
		  "spec.ttlSecondsAfterFinished: Invalid value: -4: must be greater than or equal to 0]" },
		{ JOB(TMPL("", "")),
		  "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"" },
		{ JOB(TMPL("", ",'restartPolicy':'OnFailure'") ",'podFailurePolicy':{'rules':[]}"),
		  "spec.template.spec.restartPolicy: Invalid value: \"OnFailure\": only \"Never\" is supported when podFailurePolicy "
		  "is specified" },
		{ JOB("'manualSelector':true," PODS),
		  "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: `selector` does not match "
		  "template `labels`]" },
		{ JOB("'manualSelector':true,'selector':{'matchLabels':{'a':'b'}}," TMPL("'labels':{'a':'b'}", ",'restartPolicy':'Never'")),
		  "" },
		{ JOB("'completionMode':'Odd'," PODS),
		  "spec.completionMode: Unsupported value: \"Odd\": supported values: \"NonIndexed\", \"Indexed\"" },
		{ JOB("'completionMode':'Indexed','parallelism':2," PODS),
		  "spec.completions: Required value: when completion mode is Indexed" },
		{ JOB("'completionMode':'Indexed','completions':1,'parallelism':100001,'maxFailedIndexes':2," PODS),
		  "[spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified, spec.parallelism: Invalid value: "
		  "100001: must be less than or equal to 100000 when completion mode is Indexed, spec.maxFailedIndexes: Invalid value: "
		  "2: must be less than or equal to completions]" },
		{ JOB("'completionMode':'Indexed','completions':100001,'parallelism':10001,'backoffLimitPerIndex':1," PODS),
		  "[spec.maxFailedIndexes: Required value: must be specified when completions is above 100000, spec.parallelism: "
		  "Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff "
		  "limit per index]" },
		{ JOB("'backoffLimitPerIndex':1,'maxFailedIndexes':1," PODS),
		  "[spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode, spec.maxFailedIndexes: Invalid "
		  "value: 1: requires indexed completion mode]" },
		{ JOB("'managedBy':'me'," PODS),
		  "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")" },
		{ JOB("'managedBy':'example.com/me'," PODS), "" },
		{ JOB("'podReplacementPolicy':'Odd'," PODS),
		  "spec.podReplacementPolicy: Unsupported value: \"Odd\": supported values: \"Failed\", \"TerminatingOrFailed\"" },
		{ JOB("'podReplacementPolicy':'TerminatingOrFailed','podFailurePolicy':{'rules':[]}," PODS),
		  "spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": supported values: \"Failed\"" },
		{ "{'metadata':{'name':'a.b','namespace':'d','uid':'u'},'spec':{'completionMode':'Indexed','completions':3," PODS "}}",
		  "metadata.name: Invalid value: \"a.b\": will not able to create pod with invalid DNS label: a.b-2" },
	};

	CREATES(jobs, v);
}

#define POLICY(rule) JOB("'podFailurePolicy':{'rules':[{" rule "}]}," PODS)
#define CODES(more) POLICY("'action':'Ignore','onExitCodes':{" more "}")
#define AT "spec.podFailurePolicy.rules[0]"

static void failure_policies(void **state)
{
	static const struct verdict v[] = {
		{ CODES("'operator':'In','values':[1,2]"), "" },
		{ POLICY("'action':'Count','onPodConditions':[{'type':'DisruptionTarget'}]"), "" },
		{ POLICY("'action':''"),
		  "[" AT ".action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"], "
		  AT ": Invalid value: specifying one of OnExitCodes and OnPodConditions is required]" },
		{ POLICY("'action':'Odd','onExitCodes':{'operator':'In','values':[1]},'onPodConditions':[{'type':'a b','status':'Yes'}]"),
		  "[" AT ".action: Unsupported value: \"Odd\": supported values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\", "
		  AT ".onPodConditions[0].type: Invalid value: \"a b\": " NAME_PART_WHY ", "
		  AT ".onPodConditions[0].status: Unsupported value: \"Yes\": supported values: \"False\", \"True\", \"Unknown\", "
		  AT ": Invalid value: specifying both OnExitCodes and OnPodConditions is not supported]" },
		{ POLICY("'action':'FailIndex','onExitCodes':{'operator':'In','values':[1]}"),
		  AT ".action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set" },
		{ CODES("'operator':'In','values':[2,0,2],'containerName':'x'"),
		  "[" AT ".onExitCodes.containerName: Invalid value: \"x\": must be one of the container or initContainer names in the "
		  "pod template, " AT ".onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator, "
		  AT ".onExitCodes.values[2]: Duplicate value: 2, " AT ".onExitCodes.values: Invalid value: [2,0,2]: must be ordered]" },
		{ CODES("'operator':'','values':[]"),
		  "[" AT ".onExitCodes.operator: Required value: valid values: [\"In\" \"NotIn\"], "
		  AT ".onExitCodes.values: Invalid value: []: at least one value is required]" },
		{ CODES("'operator':'NotIn','values':[0],'containerName':'c'"), "" },
	};

	CREATES(jobs, v);
}

#define SUCCESS(rules) JOB("'completionMode':'Indexed','completions':5,'successPolicy':{'rules':[" rules "]}," PODS)
#define RULE "spec.successPolicy.rules[0]"

static void success_policies(void **state)
{
	static const struct verdict v[] = {
		{ SUCCESS("{'succeededIndexes':'0,2-4','succeededCount':2}"), "" },
		{ SUCCESS(""), "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy "
			       "is specified" },
		{ SUCCESS("{}"), RULE ": Required value: at least one of succeededCount or succeededIndexes must be specified" },
		{ SUCCESS("{'succeededIndexes':'0-5'}"),
		  RULE ".succeededIndexes: Invalid value: \"0-5\": error parsing succeededIndexes: too large index: \"5\"" },
		{ SUCCESS("{'succeededIndexes':'1-2-3'}"),
		  RULE ".succeededIndexes: Invalid value: \"1-2-3\": error parsing succeededIndexes: the fragment \"1-2-3\" violates the "
		  "requirement that an index interval can have at most two parts separated by '-'" },
		{ SUCCESS("{'succeededIndexes':'2,1'}"),
		  RULE ".succeededIndexes: Invalid value: \"2,1\": error parsing succeededIndexes: non-increasing order, previous: 2, "
		  "current: 1" },
		{ SUCCESS("{'succeededIndexes':'x'}"),
		  RULE ".succeededIndexes: Invalid value: \"x\": error parsing succeededIndexes: cannot convert string to integer for "
		  "index: \"x\"" },
		{ SUCCESS("{'succeededIndexes':'1','succeededCount':6}"),
		  "[" RULE ".succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions), "
		  RULE ".succeededCount: Invalid value: 6: must be less than or equal to 1 (the number of indexes in the specified "
		  "succeededIndexes field)]" },
		{ JOB("'successPolicy':{'rules':[{'succeededCount':1}]}," PODS),
		  "spec.successPolicy: Invalid value: {\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: requires indexed "
		  "completion mode" },
	};

	CREATES(jobs, v);
}

#define POD_DEFAULTS "'dnsPolicy':'ClusterFirst','schedulerName':'default-scheduler','terminationGracePeriodSeconds':30," \
	"'securityContext':{}"
#define CONTAINER "{'name':'c','image':'i','resources':{},'imagePullPolicy':'Always'," \
	"'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'}"
#define PODS_FULL "'template':{'spec':{'restartPolicy':'Never'," POD_DEFAULTS ",'containers':[" CONTAINER "]}}"
#define NUMBERS "'parallelism':1,'completionMode':'NonIndexed','suspend':false,'manualSelector':false"

static void job_defaults(void **state)
{
	static const struct change v[] = {
		{ "{'metadata':{},'spec':{" PODS "}}",
		  "{'metadata':{},'spec':{'completions':1," NUMBERS ",'backoffLimit':6,'podReplacementPolicy':'TerminatingOrFailed',"
		  PODS_FULL "}}" },
		{ "{'metadata':{},'spec':{'parallelism':1,'backoffLimitPerIndex':1,'podFailurePolicy':{'rules':[{'action':'Ignore',"
		  "'onPodConditions':[{'type':'A'}]}]}," PODS "}}",
		  "{'metadata':{},'spec':{" NUMBERS ",'backoffLimitPerIndex':1,'backoffLimit':2147483647,'podReplacementPolicy':'Failed',"
		  "'podFailurePolicy':{'rules':[{'action':'Ignore','onPodConditions':[{'type':'A','status':'True'}]}]}," PODS_FULL "}}" },
	};

	DEFAULTS(jobs, v);
}

static json *new_job(const char *spec, struct field_errors *e)
{
	_cleanup_free_ char *text = xasprintf("{'metadata':{'name':'x','namespace':'d','uid':'u'},'spec':{%s}}", spec);

	return made(&kind_jobs, text, e);
}

static void its_own_selector(void **state)
{
	_cleanup_field_errors_ struct field_errors e = {0}, bad = {0};
	_cleanup_json_ json *job = new_job(PODS, &e), *other = new_job("'selector':{'matchLabels':{'a':'b'}},"
		TMPL("'labels':{'job-name':'y','a':'b'}", ",'restartPolicy':'Never'"), &bad);

	assert_int_equal(e.n, 0);
	is_json(json_get(job, "spec", "selector"), "selector", "{'matchLabels':{'batch.kubernetes.io/controller-uid':'u'}}");
	is_json(json_get(job, "spec", "template", "metadata", "labels"), "labels",
		"{'job-name':'x','batch.kubernetes.io/job-name':'x','controller-uid':'u','batch.kubernetes.io/controller-uid':'u'}");
	/* the Job carries its pods' labels */
	is_json(json_get(job, "metadata", "labels"), "labels",
		"{'job-name':'x','batch.kubernetes.io/job-name':'x','controller-uid':'u','batch.kubernetes.io/controller-uid':'u'}");
	is_said(&bad, "a label of another Job", "[spec.template.metadata.labels[job-name]: Invalid value: {\"a\":\"b\","
		"\"batch.kubernetes.io/controller-uid\":\"u\",\"batch.kubernetes.io/job-name\":\"x\",\"controller-uid\":\"u\","
		"\"job-name\":\"y\"}: must be 'x', spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\","
		"\"batch.kubernetes.io/controller-uid\":\"u\"}}: `selector` not auto-generated]");
}

/* Both with a selector of the user's: the one that is made has the uid in it. */
#define OWN "'manualSelector':true,'selector':{'matchLabels':{'a':'b'}},"
#define LABELS "'labels':{'a':'b'}"
#define NEVER ",'restartPolicy':'Never'"
#define HELD JOB("'suspend':true," OWN TMPL(LABELS, NEVER))

/* A Job of before the labels were renamed is held to those it has. */
static void its_own_selector_later(void **state)
{
#define GENERATED(labels, selector) "{" META_UID ",'spec':{'selector':{'matchLabels':{" selector "}}," TMPL("'labels':{" labels "}", NEVER) "}}"
	static const char old[] = GENERATED("'controller-uid':'u','job-name':'x'", "'controller-uid':'u'");
	static const char other[] = GENERATED("'controller-uid':'u','job-name':'y'", "'controller-uid':'u'");
	_cleanup_json_ json *a = obj_of(&kind_jobs, old), *b = obj_of(&kind_jobs, other);
	_cleanup_field_errors_ struct field_errors same = {0}, e = {0};

	default_object(&kind_jobs, a);
	default_object(&kind_jobs, b);
	validate_update(&kind_jobs, a, a, &same);
	is_said(&same, old, "");
	validate_update(&kind_jobs, b, a, &e);
	assert_string_equal(e.items[0].path, "spec.template.metadata.labels[job-name]");
}

static void what_may_change(void **state)
{
	static const struct step v[] = {
		{ JOB(OWN TMPL(LABELS, NEVER)), JOB("'parallelism':5,'backoffLimit':1,'suspend':true,'completions':1,"
		  OWN TMPL(LABELS, NEVER)), "" },
		{ JOB(OWN TMPL(LABELS, NEVER)), JOB("'completions':2," OWN TMPL(LABELS, NEVER)),
		  "spec.completions: Invalid value: 2: field is immutable" },
		{ JOB("'completionMode':'Indexed','completions':2,'parallelism':2," OWN TMPL(LABELS, NEVER)),
		  JOB("'completionMode':'Indexed','completions':3,'parallelism':2," OWN TMPL(LABELS, NEVER)),
		  "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism" },
		{ JOB("'completionMode':'Indexed','completions':2,'parallelism':2," OWN TMPL(LABELS, NEVER)),
		  JOB("'completionMode':'Indexed','completions':3,'parallelism':3," OWN TMPL(LABELS, NEVER)), "" },
		{ JOB(OWN TMPL(LABELS, NEVER)), JOB("'manualSelector':true,'selector':{'matchExpressions':[{'key':'a','operator':'Exists'}]},"
		  TMPL(LABELS, NEVER)),
		  "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}: field is immutable" },
		/* held before its first run: where its pods go, and what they ask for */
		{ HELD, JOB("'suspend':true," OWN "'template':{'metadata':{'labels':{'a':'b','c':'d'},'annotations':{'e':'f'}},'spec':"
		  "{'restartPolicy':'Never','nodeSelector':{'n':'1'},'affinity':{'nodeAffinity':{'preferredDuringSchedulingIgnored"
		  "DuringExecution':[{'weight':1,'preference':{'matchExpressions':[{'key':'k','operator':'Exists'}]}}]}},"
		  "'containers':[{'name':'c','image':'i','resources':{'requests':{'cpu':'1'}}}]}}"), "" },
		{ HELD, JOB("'suspend':true,'managedBy':'a.b/c'," OWN TMPL(LABELS, NEVER)),
		  "spec.managedBy: Invalid value: \"a.b/c\": field is immutable" },
	};
	static const char image[] = JOB("'suspend':true," OWN "'template':{'metadata':{" LABELS "},'spec':{'restartPolicy':'Never',"
					"'containers':[{'name':'c','image':'j'}]}}");
	_cleanup_field_errors_ struct field_errors e = {0}, ok = {0};
	_cleanup_json_ json *old = made(&kind_jobs, HELD, &ok), *new = obj_of(&kind_jobs, image);

	UPDATES(jobs, v);
	default_object(&kind_jobs, new);
	validate_update(&kind_jobs, new, old, &e);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.items[0].path, "spec.template");
	assert_true(endswith(e.items[0].message, ": field is immutable"));
}

#define STATUS(status) "{" META_NS ",'spec':{" PODS "},'status':{" status "}}"
#define INDEXED(status) "{" META_NS ",'spec':{'completionMode':'Indexed','completions':5,'parallelism':2,'backoffLimitPerIndex':1," \
	PODS "},'status':{" status "}}"
#define COND(type) "{'type':'" type "','status':'True'}"
#define T0 "2026-01-01T00:00:00Z"
#define T1 "2026-01-01T00:00:01Z"
#define DONE "'conditions':[" COND("SuccessCriteriaMet") "," COND("Complete") "],'startTime':'" T0 "','completionTime':'" T1 "'"

static void statuses(void **state)
{
	static const struct step v[] = {
		{ STATUS(""), STATUS("'startTime':'" T0 "','active':1,'ready':1"), "" },
		{ STATUS(""), STATUS(DONE ",'succeeded':1"), "" },
		{ STATUS(""), STATUS("'active':-1,'succeeded':-1"),
		  "[status.active: Invalid value: -1: must be greater than or equal to 0, status.succeeded: Invalid value: -1: must be "
		  "greater than or equal to 0, status.ready: Invalid value: 0: cannot set more ready pods than active, status.succeeded: "
		  "Invalid value: -1: cannot decrease the succeeded counter]" },
		{ STATUS(""), STATUS("'uncountedTerminatedPods':{'succeeded':['a',''],'failed':['a']}"),
		  "[status.uncountedTerminatedPods.succeeded[1]: Invalid value: \"\": must not be empty, "
		  "status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\"]" },
		{ STATUS(""), STATUS("'conditions':[" COND("Complete") "," COND("Failed") "]"),
		  "[status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions, "
		  "status.completionTime: Required value: completionTime is required for Complete jobs, "
		  "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition, "
		  "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition, "
		  "status.startTime: Required value: startTime is required for finished job]" },
		{ STATUS("'startTime':'" T0 "'"), STATUS("'startTime':'" T0 "','completionTime':'" T1 "'"),
		  "status.completionTime: Invalid value: \"" T1 "\": cannot set completionTime when there is no Complete=True condition" },
		{ STATUS("'startTime':'" T0 "','active':1"),
		  STATUS("'startTime':'" T0 "','active':1,'conditions':[" COND("FailureTarget") "," COND("Failed") "]"),
		  "status.active: Invalid value: 1: active>0 is invalid for finished job" },
		{ STATUS(DONE ",'succeeded':1"), STATUS("'startTime':'" T0 "'"),
		  "[status.conditions: Invalid value: cannot disable the terminal Complete=True condition, status.succeeded: Invalid "
		  "value: 0: cannot decrease the succeeded counter, status.conditions: Invalid value: cannot disable the "
		  "SuccessCriteriaMet=True condition]" },
		{ STATUS("'startTime':'" T0 "'"), STATUS("'startTime':'" T1 "'"),
		  "status.startTime: Required value: startTime cannot be removed for unsuspended job" },
		{ STATUS(""), STATUS("'completedIndexes':'1'"),
		  "[status.completedIndexes: Invalid value: \"1\": error parsing completedIndexes: too large index: \"1\", "
		  "status.completedIndexes: Invalid value: \"1\": cannot set non-empty completedIndexes when non-indexed completion mode]" },
		{ INDEXED(""), INDEXED("'completedIndexes':'0-2','failedIndexes':'2,4'"),
		  "status.failedIndexes: Invalid value: \"2,4\": failedIndexes and completedIndexes overlap at index: 2" },
		{ INDEXED(""), INDEXED("'completedIndexes':'0-1','failedIndexes':'2,4'"), "" },
		/* what was let in before does not stand in the way of the rest */
		{ STATUS("'conditions':[" COND("Failed") "],'active':1"), STATUS("'conditions':[" COND("Failed") "],'active':1,'failed':1"), "" },
	};

	STATUSES(jobs, v);
}

static void rows(void **state)
{
#define ROW(spec, status) "{" META_NS ",'spec':{'selector':{'matchLabels':{'a':'b'}}," spec "},'status':{" status "}}"
	is_row(&kind_jobs, ROW("'completions':3," PODS, "'succeeded':1,'startTime':'2025-12-31T23:59:30Z'"),
	       "x|Running|1/3|30s|60s|c|i|a=b");
	is_row(&kind_jobs, ROW("'parallelism':2," PODS, "'conditions':[" COND("Complete") "],'startTime':'2025-12-31T22:00:00Z',"
			       "'completionTime':'2025-12-31T22:00:05Z'"), "x|Complete|0/1 of 2|5s|60s|c|i|a=b");
	is_row(&kind_jobs, ROW("'parallelism':1," PODS, "'conditions':[" COND("Suspended") "]"), "x|Suspended|0/1||60s|c|i|a=b");
	is_row(&kind_jobs, "{'metadata':{'name':'x','deletionTimestamp':'" T0 "'},'spec':{'completions':1," PODS "}}",
	       "x|Terminating|0/1||<unknown>|c|i|<none>");
	is_row(&kind_cronjobs, "{" META_NS ",'spec':{'schedule':'* * * * *','suspend':true,'jobTemplate':{'spec':{" PODS "}}},"
	       "'status':{'active':[{}],'lastScheduleTime':'2025-12-31T23:58:00Z'}}",
	       "x|* * * * *|<none>|True|1|2m|60s|c|i|<none>");
	is_row(&kind_cronjobs, "{" META_NS ",'spec':{'schedule':'@daily','timeZone':'UTC','jobTemplate':{'spec':{" PODS "}}}}",
	       "x|@daily|UTC|<unset>|0|<none>|60s|c|i|<none>");
}

#define CRON(more) "{" META_NS ",'spec':{" more ",'jobTemplate':{'spec':{" PODS "}}}}"

static void cronjobs(void **state)
{
	static const struct verdict v[] = {
		{ CRON("'schedule':'*/5 * * * *','timeZone':'UTC'"), "" },
		{ CRON("'concurrencyPolicy':'Odd'"),
		  "[spec.schedule: Required value, spec.concurrencyPolicy: Unsupported value: \"Odd\": supported values: \"Allow\", "
		  "\"Forbid\", \"Replace\"]" },
		{ CRON("'schedule':'* * *','startingDeadlineSeconds':-1,'failedJobsHistoryLimit':-1"),
		  "[spec.schedule: Invalid value: \"* * *\": expected exactly 5 fields, found 3: [* * *], spec.startingDeadlineSeconds: "
		  "Invalid value: -1: must be greater than or equal to 0, spec.failedJobsHistoryLimit: Invalid value: -1: must be "
		  "greater than or equal to 0]" },
		{ CRON("'schedule':'TZ=UTC * * * * *'"),
		  "spec.schedule: Invalid value: \"TZ=UTC * * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead" },
		{ CRON("'schedule':'TZ=No/Where * * * * *'"),
		  "[spec.schedule: Invalid value: \"TZ=No/Where * * * * *\": provided bad location No/Where: unknown time zone No/Where, "
		  "spec.schedule: Invalid value: \"TZ=No/Where * * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field "
		  "instead]" },
		{ CRON("'schedule':'@daily','timeZone':'../UTC'"), "spec.timeZone: Invalid value: \"../UTC\": unknown time zone ../UTC" },
		{ CRON("'schedule':'@daily','timeZone':'No/Where'"),
		  "spec.timeZone: Invalid value: \"No/Where\": unknown time zone No/Where" },
		{ CRON("'schedule':'@daily','timeZone':'Local'"),
		  "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as defined in "
		  "https://www.iana.org/time-zones" },
		{ "{" META_NS ",'spec':{'schedule':'@daily','jobTemplate':{'spec':{'manualSelector':true,'selector':{'matchLabels':{'a':'b'}},"
		  TMPL("", "") "}}}}",
		  "[spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\", "
		  "spec.jobTemplate.spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\"}}: `selector` will be auto-generated, "
		  "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\"]" },
		{ "{'metadata':{'name':'a2345678901234567890123456789012345678901234567890123','namespace':'d'},'spec':{'schedule':'@daily',"
		  "'jobTemplate':{'spec':{" PODS "}}}}",
		  "metadata.name: Invalid value: \"a2345678901234567890123456789012345678901234567890123\": must be no more than 52 "
		  "characters" },
	};
	static const struct step steps[] = {
		{ CRON("'schedule':'@daily'"), CRON("'schedule':'@hourly','suspend':true"), "" },
		{ CRON("'schedule':'@daily'"), CRON("'schedule':'@hourly','timeZone':'No'"),
		  "spec.timeZone: Invalid value: \"No\": unknown time zone No" },
	};
	static const struct change d[] = {
		{ "{'spec':{'schedule':'@daily','jobTemplate':{'spec':{" PODS "}}}}",
		  "{'spec':{'schedule':'@daily','concurrencyPolicy':'Allow','suspend':false,'successfulJobsHistoryLimit':3,"
		  "'failedJobsHistoryLimit':1,'jobTemplate':{'spec':{" PODS_FULL "}}}}" },
	};
	_cleanup_json_ json *old = obj_of(&kind_cronjobs, CRON("'schedule':'TZ=UTC 0 0 * * *','concurrencyPolicy':'Allow'"));
	_cleanup_field_errors_ struct field_errors kept = {0}, both = {0};
	_cleanup_json_ json *zone = json_clone(old);

	CREATES(cronjobs, v);
	UPDATES(cronjobs, steps);
	DEFAULTS(cronjobs, d);
	/* where a zone stood in the schedule it may stay, but not beside another */
	default_object(&kind_cronjobs, old);
	default_object(&kind_cronjobs, zone);
	validate_update(&kind_cronjobs, old, old, &kept);
	assert_int_equal(kept.n, 0);
	json_set_str(json_get(zone, "spec"), "timeZone", "UTC");
	validate_update(&kind_cronjobs, zone, old, &both);
	is_said(&both, "two zones", "spec.schedule: Invalid value: \"TZ=UTC 0 0 * * *\": cannot use both timeZone field and TZ or "
		"CRON_TZ in schedule");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs),
		cmocka_unit_test(failure_policies),
		cmocka_unit_test(success_policies),
		cmocka_unit_test(job_defaults),
		cmocka_unit_test(its_own_selector),
		cmocka_unit_test(its_own_selector_later),
		cmocka_unit_test(what_may_change),
		cmocka_unit_test(statuses),
		cmocka_unit_test(rows),
		cmocka_unit_test(cronjobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
