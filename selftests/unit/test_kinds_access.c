// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_access.c - roles and their bindings, RuntimeClass, CertificateSigningRequest */
#include "test_kinds.h"

/* A request and a certificate that openssl made, in PEM, in base64. */
#define REQUEST "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIR01HNENBUUF3RERFS01BZ0dBMVVFQXd3QmRUQlpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQQpCQ3Y2eXFaK0k3NCs0UGk4dzBwZ21uNm96eHN6MUQvK0Y4a0NTQktLYnYycEc1eFBlakF1cjNDVXRuRkJmQ2E5CkJ0eCtCR2FOb2lUcloxREFKZTZNend1Z0FEQUtCZ2dxaGtqT1BRUURBZ05JQURCRkFpQnQ0VG03dUFkNHhmWXcKTHZBYmJnMW1VZnMzQkQyeE92MnlZVnRYcDRnSXhBSWhBS0hFUGlvTExEdFY0N3BBclA0T01YZHFQSE5wU2RpZgpIYy9IWEh0TGJxZzMKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
/* The same request with the last bit of its signature changed. */
#define FORGED "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIR01HNENBUUF3RERFS01BZ0dBMVVFQXd3QmRUQlpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQQpCQ3Y2eXFaK0k3NCs0UGk4dzBwZ21uNm96eHN6MUQvK0Y4a0NTQktLYnYycEc1eFBlakF1cjNDVXRuRkJmQ2E5CkJ0eCtCR2FOb2lUcloxREFKZTZNend1Z0FEQUtCZ2dxaGtqT1BRUURBZ05JQURCRkFpQnQ0VG03dUFkNHhmWXcKTHZBYmJnMW1VZnMzQkQyeE92MnlZVnRYcDRnSXhBSWhBS0hFUGlvTExEdFY0N3BBclA0T01YZHFQSE5wU2RpZgpIYy9IWEh0TGJxZzIKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="
#define CERT "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJiVENDQVJPZ0F3SUJBZ0lVWUdGTFRleXljQXFxejBQOFdhZStQTFh5WExJd0NnWUlLb1pJemowRUF3SXcKRERFS01BZ0dBMVVFQXd3QmRUQWVGdzB5TmpFeE1qY3hPVE0zTVRCYUZ3MHpOakV4TWpReE9UTTNNVEJhTUF3eApDakFJQmdOVkJBTU1BWFV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVQvZDBvL2htcGU3SEZFCkthSHBvWUZPUnUzNFpKS1BVcmlRTU1TN0M1TXZQK2hZVUtlUWxPcCtaU1N4UHJ5M1NVUUJlSlJEa3prVzg5cHUKakZEeHdLRVVvMU13VVRBZEJnTlZIUTRFRmdRVWN0ZjhRc3k0L0FDQXVCVEJUOWQ2R1Z0OXdYNHdId1lEVlIwagpCQmd3Rm9BVWN0ZjhRc3k0L0FDQXVCVEJUOWQ2R1Z0OXdYNHdEd1lEVlIwVEFRSC9CQVV3QXdFQi96QUtCZ2dxCmhrak9QUVFEQWdOSUFEQkZBaUFhaUVoMEpxclZsckw0Mmx6WlFIR2ZEMTZpQWFpS0ppNk85V2ExeGhxSU5nSWgKQVBFbWtwT2FsNmhjTno2WDcwWld0R2VKS1J4WHc1NUdldXhaM0NMSzQrb04KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="

#define ROLE(rules) "{" META_NS ",'rules':[" rules "]}"
#define CLUSTERROLE(rules) "{" META ",'rules':[" rules "]}"

static void roles(void **state)
{
	static const struct verdict v[] = {
		{ ROLE("{'verbs':['get'],'apiGroups':[''],'resources':['pods']}"), "" },
		{ "{'metadata':{'name':'system:a','namespace':'d'}}", "" },
		{ "{'metadata':{'name':'a/b','namespace':'d'}}", "metadata.name: Invalid value: \"a/b\": may not contain '/'" },
		{ ROLE("{'verbs':[]}"), "[rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required "
		  "value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply "
		  "at least one resource]" },
		{ ROLE("{'verbs':['get'],'nonResourceURLs':['/a']}"),
		  "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs" },
	};
	static const struct verdict c[] = {
		{ CLUSTERROLE("{'verbs':['get'],'nonResourceURLs':['/a']}"), "" },
		{ CLUSTERROLE("{'verbs':['get'],'nonResourceURLs':['/a'],'resources':['pods']}"),
		  "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: rules cannot apply to both regular resources and non-resource URLs" },
		{ "{" META ",'rules':[],'aggregationRule':{}}", "aggregationRule.clusterRoleSelectors: Required value: at least one "
		  "clusterRoleSelector required if aggregationRule is non-nil" },
		{ "{" META ",'rules':[],'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'a':'b'}},{'matchExpressions':[{'key':'a',"
		  "'operator':'Odd'}]}]}}",
		  "[aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: \"Odd\": not a valid selector operator, "
		  "aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector.]" },
	};

	CREATES(roles, v);
	CREATES(clusterroles, c);
	is_row(&kind_roles, "{" META "}", "x|2025-12-31T23:59:00Z");
	is_row(&kind_clusterroles, "{" META "}", "x|2025-12-31T23:59:00Z");
}

#define REF(kind) "'roleRef':{'kind':'" kind "','name':'r'}"
#define BINDING(subjects) "{" META_NS "," REF("Role") ",'subjects':[" subjects "]}"
#define RBAC "rbac.authorization.k8s.io"

static void bindings(void **state)
{
	static const struct verdict v[] = {
		{ BINDING("{'kind':'User','name':'u'},{'kind':'Group','name':'g'},{'kind':'ServiceAccount','name':'s'}"), "" },
		{ "{" META_NS "," REF("ClusterRole") "}", "" },
		{ "{" META_NS ",'roleRef':{'apiGroup':'odd','kind':'Odd','name':'a/b'}}",
		  "[roleRef.apiGroup: Unsupported value: \"odd\": supported values: \"" RBAC "\", roleRef.kind: Unsupported value: \"Odd\": "
		  "supported values: \"Role\", \"ClusterRole\", roleRef.name: Invalid value: \"a/b\": may not contain '/']" },
		{ BINDING("{'kind':'User','name':''},{'kind':'Odd','name':'n'},{'kind':'ServiceAccount','apiGroup':'g','name':'A'},"
			  "{'kind':'Group','apiGroup':'g','name':'n'}"),
		  "[subjects[0].name: Required value, subjects[0].name: Invalid value: \"\": user name cannot be empty, subjects[1].kind: "
		  "Unsupported value: \"Odd\": supported values: \"ServiceAccount\", \"User\", \"Group\", subjects[2].name: Invalid value: \"A\": "
		  SUBDOMAIN_WHY ", subjects[2].apiGroup: Unsupported value: \"g\": supported values: \"\", subjects[3].apiGroup: Unsupported "
		  "value: \"g\": supported values: \"" RBAC "\"]" },
	};
	static const struct verdict c[] = {
		{ "{" META "," REF("Role") ",'subjects':[{'kind':'ServiceAccount','name':'s'}]}",
		  "[roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\", subjects[0].namespace: Required value]" },
	};
	static const struct step s[] = {
		{ BINDING(""), "{" META_NS "," REF("ClusterRole") "}",
		  "roleRef: Invalid value: {\"APIGroup\":\"" RBAC "\",\"Kind\":\"ClusterRole\",\"Name\":\"r\"}: cannot change roleRef" },
		{ BINDING(""), BINDING("{'kind':'User','name':'u'}"), "" },
	};
	static const struct change d[] = {
		{ "{'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User','name':'u'},{'kind':'ServiceAccount','name':'s'}]}",
		  "{'roleRef':{'apiGroup':'" RBAC "','kind':'Role','name':'r'},'subjects':[{'apiGroup':'" RBAC "','kind':'User','name':'u'},"
		  "{'kind':'ServiceAccount','name':'s'}]}" },
	};

	CREATES(rolebindings, v);
	CREATES(clusterrolebindings, c);
	UPDATES(rolebindings, s);
	DEFAULTS(rolebindings, d);
	is_row(&kind_rolebindings, "{" META "," REF("Role") ",'subjects':[{'kind':'User','name':'u'},{'kind':'User','name':'v'},{'kind':'Group',"
	       "'name':'g'},{'kind':'ServiceAccount','namespace':'d','name':'s'}]}", "x|Role/r|60s|u, v|g|d/s");
	is_row(&kind_clusterrolebindings, "{" META "," REF("ClusterRole") "}", "x|ClusterRole/r|60s|||");
}

static void runtime_classes(void **state)
{
	static const struct verdict v[] = {
		{ "{" META ",'handler':'h','overhead':{'podFixed':{'cpu':'100m'}},'scheduling':{'nodeSelector':{'a':'b'}}}", "" },
		{ "{" META ",'handler':'H.a','overhead':{'podFixed':{'cpu':'-1'}},'scheduling':{'nodeSelector':{'a b':''},'tolerations':[{'key':'a','operator':'Odd'}]}}",
		  "[handler: Invalid value: \"H.a\": " LABEL_WHY ", overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0, "
		  "scheduling.nodeSelector: Invalid value: \"a b\": " NAME_PART_WHY ", scheduling.tolerations[0].operator: Unsupported value: "
		  "\"Odd\": supported values: \"Equal\", \"Exists\"]" },
	};
	static const struct step s[] = {
		{ "{" META ",'handler':'h'}", "{" META ",'handler':'i'}", "handler: Invalid value: \"i\": field is immutable" },
	};

	CREATES(runtimeclasses, v);
	UPDATES(runtimeclasses, s);
	is_row(&kind_runtimeclasses, "{" META ",'handler':'h'}", "x|h|60s");
}

/* --- certificates ------------------------------------------------------------------------------ */

#define USAGES "\"any\", \"cert sign\", \"client auth\", \"code signing\", \"content commitment\", \"crl sign\", \"data encipherment\", "	\
	"\"decipher only\", \"digital signature\", \"email protection\", \"encipher only\", \"ipsec end system\", \"ipsec tunnel\", "		\
	"\"ipsec user\", \"key agreement\", \"key encipherment\", \"microsoft sgc\", \"netscape sgc\", \"ocsp signing\", \"s/mime\", "		\
	"\"server auth\", \"signing\", \"timestamping\""
#define CSR_OF(signer, usages, more) "{" META ",'spec':{'request':'" REQUEST "','signerName':'" signer "','usages':[" usages "]" more "}}"
#define GOOD "'spec':{'request':'" REQUEST "','signerName':'a.b/c','usages':['client auth']}"

static void requests(void **state)
{
	static const struct verdict v[] = {
		{ CSR_OF("a.b/c", "'client auth'", ""), "" },
		{ "{'metadata':{'name':'node-csr-_A'}," GOOD "}", "" },
		{ CSR_OF("a.b/c", "", ",'expirationSeconds':599"),
		  "[spec.usages: Required value: usages must be provided, spec.expirationSeconds: Invalid value: 599: may not specify a duration "
		  "less than 600 seconds (10 minutes)]" },
		{ CSR_OF("a.b/c", "'odd','any','any'", ""), "[spec.usages[0]: Unsupported value: \"odd\": supported values: " USAGES
		  ", spec.usages[2]: Duplicate value: \"any\"]" },
		{ CSR_OF("", "'any'", ""), "spec.signerName: Required value: signerName must be provided" },
		{ CSR_OF("a.b", "'any'", ""), "spec.signerName: Invalid value: \"a.b\": must be a fully qualified domain and path of the form "
		  "'example.com/signer-name'" },
		{ CSR_OF("A/B", "'any'", ""), "[spec.signerName: Invalid value: \"A\": validating label \"A\": " LABEL_WHY ", spec.signerName: "
		  "Invalid value: \"A\": should be a domain with at least two segments separated by dots, spec.signerName: Invalid value: \"B\": "
		  "validating label \"B\": " SUBDOMAIN_WHY "]" },
		{ CSR_OF("kubernetes.io/legacy-unknown", "'any'", ""), "spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy "
		  "signerName is not allowed via this API version" },
		{ "{" META ",'spec':{'request':'eA==','signerName':'a.b/c','usages':['any']}}",
		  "spec.request: Invalid value: \"eA==\": PEM block type must be CERTIFICATE REQUEST" },
		{ "{" META ",'spec':{'request':'" FORGED "','signerName':'a.b/c','usages':['any']}}",
		  "spec.request: Invalid value: \"" FORGED "\": x509: ECDSA verification failure" },
	};

	CREATES(certificatesigningrequests, v);
}

#define WITH(conditions, more) "{" META "," GOOD ",'status':{'conditions':[" conditions "]" more "}}"
#define APPROVED "{'type':'Approved','status':'True','reason':'R','lastUpdateTime':'2020-01-01T00:00:00Z',"	\
	"'lastTransitionTime':'2020-01-01T00:00:00Z'}"
#define DENIED "{'type':'Denied','status':'True'}"

static void decisions(void **state)
{
	static const struct step approval[] = {
		{ WITH("", ""), WITH(APPROVED, ""), "" },
		{ WITH("", ""), WITH(APPROVED "," DENIED, ""),
		  "status.conditions[1].type: Invalid value: \"Denied\": Approved and Denied conditions are mutually exclusive" },
		{ WITH("", ""), WITH("{'type':'Approved','status':'False'},{'type':'','status':''},{'type':'Odd','status':'Odd'},{'type':'Odd','status':'True'}", ""),
		  "[status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\", status.conditions[1].type: Required value, "
		  "status.conditions[1].status: Required value, status.conditions[2].status: Unsupported value: \"Odd\": supported values: \"False\", "
		  "\"True\", \"Unknown\", status.conditions[3].type: Duplicate value: \"Odd\"]" },
		{ WITH(APPROVED, ""), WITH("", ""), "status.conditions: Forbidden: updates may not remove a condition of type \"Approved\"" },
		/* what belongs to /status does not come this way */
		{ WITH("", ""), WITH(APPROVED, ",'certificate':'" CERT "'"), "" },
	};
	static const struct step status[] = {
		{ WITH(APPROVED, ""), WITH(APPROVED, ",'certificate':'" CERT "'"), "" },
		{ WITH("", ""), WITH(APPROVED, ""), "status.conditions: Forbidden: updates may not add a condition of type \"Approved\"" },
		{ WITH("", ""), WITH("{'type':'Failed','status':'True'}", ""), "" },
		{ WITH("", ",'certificate':'" CERT "'"), WITH("", ",'certificate':'eA=='"),
		  "[status.certificate: Invalid value: \"<certificate data>\": must contain at least one CERTIFICATE PEM block, status.certificate: "
		  "Forbidden: updates may not modify existing certificate content]" },
		{ WITH("", ""), WITH("", ",'certificate':'" REQUEST "'"),
		  "status.certificate: Invalid value: \"<certificate data>\": only CERTIFICATE PEM blocks are allowed, found \"CERTIFICATE REQUEST\"" },
	};

	sub_updates(&kind_certificatesigningrequests, "approval", approval, ARRAY_SIZE(approval));
	STATUSES(certificatesigningrequests, status);
}

static void requests_are_signed_and_stay(void **state)
{
	static const char *const groups[] = { "g", "system:authenticated", NULL };
	const struct kind_user user = { "u", groups };
	_cleanup_json_ json *obj = obj_of(&kind_certificatesigningrequests,
					  "{" META ",'spec':{'username':'root','uid':'0','groups':['system:masters'],'extra':{'a':['b']}}}");
	_cleanup_json_ json *cur = obj_of(NULL, WITH("{'type':'Approved','status':'True','lastUpdateTime':'2020-01-01T00:00:00Z','lastTransitionTime':'2020-01-01T00:00:00Z'}", ""));
	_cleanup_json_ json *next = obj_of(NULL, WITH("{'type':'Approved','status':'True','reason':'other'}", ",'certificate':'" CERT "'"));

	kind_certificatesigningrequests.rules->sign(obj, &user);
	is_json(json_get(obj, "spec"), "sign", "{'username':'u','groups':['g','system:authenticated']}");
	prepared(&kind_certificatesigningrequests, "{" META "," GOOD "}", "{" META ",'spec':{'request':'eA=='}}", "{" META "," GOOD "}");
	/* by /approval: what it said before is as old as it was, and there is no certificate yet */
	kind_sub_rules(&kind_certificatesigningrequests, "approval")->prepare(cur, next);
	assert_null(json_get(next, "status", "certificate"));
	assert_string_equal(json_str(json_get(json_get(next, "status", "conditions")->child, "lastTransitionTime")), "2020-01-01T00:00:00Z");
	assert_string_equal(json_str(json_get(json_get(next, "status", "conditions")->child, "reason")), "other");
	/* by /status: the decision is told as it was */
	kind_certificatesigningrequests.rules->prepare_status(cur, next);
	assert_null(json_get(json_get(next, "status", "conditions")->child, "reason"));
}

static void request_rows(void **state)
{
	is_row(&kind_certificatesigningrequests, "{" META ",'spec':{'signerName':'a.b/c','username':'u','expirationSeconds':3600},'status':"
	       "{'conditions':[{'type':'Approved'},{'type':'Failed'}],'certificate':'eA=='}}", "x|60s|a.b/c|u|60m|Approved,Failed,Issued");
	is_row(&kind_certificatesigningrequests, "{" META ",'status':{'conditions':[{'type':'Approved'},{'type':'Denied'}]}}",
	       "x|60s|<none>||<none>|Denied");
	is_row(&kind_certificatesigningrequests, "{" META "}", "x|60s|<none>||<none>|Pending");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles),
		cmocka_unit_test(bindings),
		cmocka_unit_test(runtime_classes),
		cmocka_unit_test(requests),
		cmocka_unit_test(decisions),
		cmocka_unit_test(requests_are_signed_and_stay),
		cmocka_unit_test(request_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
