// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_crd.c - CustomResourceDefinition: names, versions, schemas */
#include "test_kinds.h"

#define NAMES "'names':{'plural':'things','kind':'Thing'}"
#define CRD(spec) "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.com'," spec "}}"
/* With these members in its only version. */
#define VERSION(more) CRD("'scope':'Namespaced'," NAMES ",'versions':[{'name':'v1','served':true,'storage':true" more "}]")
#define SCHEMA(s) VERSION(",'schema':{'openAPIV3Schema':" s "}")
#define ROOT(more) SCHEMA("{'type':'object'" more "}")
/* With one property. */
#define FIELD_P(f) ROOT(",'properties':{'a':" f "}")
#define STATUS(s) VERSION(",'subresources':{'status':{}},'schema':{'openAPIV3Schema':" s "}")
#define SUB(s) VERSION(",'schema':{'openAPIV3Schema':{'type':'object'}},'subresources':" s)
#define COLS(s) VERSION(",'schema':{'openAPIV3Schema':{'type':'object'}},'additionalPrinterColumns':" s)
#define SELECTS(s) VERSION(",'selectableFields':" s ",'schema':{'openAPIV3Schema':{'type':'object','properties':{"	\
	"'metadata':{'type':'object','properties':{'name':{'type':'string'}}},"						\
	"'spec':{'type':'object','properties':{'a':{'type':'string'},'o':{'type':'object','x-kubernetes-preserve-unknown-fields':true}," \
	"'m':{'type':'object','additionalProperties':{'type':'integer'}}}}}}}")
#define OF(s) CRD("'scope':'Cluster','names':{'plural':'things'," s "},'versions':[" V1 "]")
#define V1 "{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object'}}}"
#define V2 "{'name':'v2','served':true,'storage':false,'schema':{'openAPIV3Schema':{'type':'object'}}}"
#define CONVERT(c) CRD("'scope':'Cluster'," NAMES ",'versions':[" V1 "],'conversion':" c)
#define S "spec.validation.openAPIV3Schema"
#define P S ".properties[a]"

#define DNS1035_WHY "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "	\
	"character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "	\
	"'[a-z]([-a-z0-9]*[a-z0-9])?')"

static void definitions(void **state)
{
	static const struct verdict v[] = {
		{ ROOT(""), "" },
		{ OF("'kind':'Thing','shortNames':['th'],'categories':['all']"), "" },
		{ "{'metadata':{'name':'other.example.com'},'spec':{'group':'example.com','scope':'Cluster'," NAMES ",'versions':[" V1 "]}}",
		  "metadata.name: Invalid value: \"other.example.com\": must be spec.names.plural+\".\"+spec.group" },
		{ "{'metadata':{'name':'things.x'},'spec':{'group':'x','scope':'Global'," NAMES ",'versions':[" V1 "]}}",
		  "[spec.group: Invalid value: \"x\": should be a domain with at least one dot, "
		  "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"]" },
		{ OF("'kind':'1'"),
		  "[spec.names.singular: Invalid value: \"1\": " DNS1035_WHY ", "
		  "spec.names.kind: Invalid value: \"1\": may have mixed case, but should otherwise match: " DNS1035_WHY ", "
		  "spec.names.listKind: Invalid value: \"1List\": may have mixed case, but should otherwise match: " DNS1035_WHY "]" },
		{ OF("'kind':'Thing','listKind':'Thing','shortNames':['T']"),
		  "[spec.names.shortNames[0]: Invalid value: \"T\": " DNS1035_WHY ", "
		  "spec.names.listKind: Invalid value: \"Thing\": kind and listKind may not be the same]" },
		{ CRD("'scope':'Cluster'," NAMES ",'versions':[" V1 "," V1 "]"),
		  "[spec.versions: Invalid value: [{\"Name\":\"v1\",\"Served\":true,\"Storage\":true,\"Deprecated\":false,"
		  "\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
		  "\"SelectableFields\":null},{\"Name\":\"v1\",\"Served\":true,\"Storage\":true,\"Deprecated\":false,"
		  "\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
		  "\"SelectableFields\":null}]: must contain unique version names, "
		  "spec.versions: Invalid value: [{\"Name\":\"v1\",\"Served\":true,\"Storage\":true,\"Deprecated\":false,"
		  "\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
		  "\"SelectableFields\":null},{\"Name\":\"v1\",\"Served\":true,\"Storage\":true,\"Deprecated\":false,"
		  "\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,"
		  "\"SelectableFields\":null}]: must have exactly one version marked as storage version]" },
		{ CRD("'scope':'Cluster'," NAMES ",'versions':[{'name':'V','served':true,'storage':true}]"),
		  "[spec.versions[0].schema.openAPIV3Schema: Required value, spec.versions[0].name: Invalid value: \"V\": " DNS1035_WHY
		  ", spec.version: Invalid value: \"V\": " DNS1035_WHY "]" },
		{ VERSION(",'deprecationWarning':'x','schema':{'openAPIV3Schema':{'type':'object'}}"),
		  "spec.versions[0].deprecationWarning: Invalid value: \"x\": can only be set for deprecated versions" },
		{ VERSION(",'deprecated':true,'deprecationWarning':'','schema':{'openAPIV3Schema':{'type':'object'}}"),
		  "spec.versions[0].deprecationWarning: Invalid value: \"\": must not be an empty string" },
		{ CRD("'scope':'Cluster','preserveUnknownFields':true," NAMES ",'versions':[" V1 "]"),
		  "spec.preserveUnknownFields: Invalid value: true: cannot set to true, "
		  "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead" },
		{ "{'metadata':{'name':'things.x.k8s.io'},'spec':{'group':'x.k8s.io','scope':'Cluster'," NAMES ",'versions':[" V1 "]}}",
		  "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "
		  "\"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111" },
		{ "{'metadata':{'name':'things.x.k8s.io','annotations':{'api-approved.kubernetes.io':'yes'}},"
		  "'spec':{'group':'x.k8s.io','scope':'Cluster'," NAMES ",'versions':[" V1 "]}}",
		  "metadata.annotations[api-approved.kubernetes.io]: Invalid value: \"yes\": protected groups must have approval annotation "
		  "\"api-approved.kubernetes.io\" with either a URL or a reason starting with \"unapproved\", "
		  "see https://github.com/kubernetes/enhancements/pull/1111" },
		{ "{'metadata':{'name':'things.x.k8s.io','annotations':{'api-approved.kubernetes.io':'https://example.com/1'}},"
		  "'spec':{'group':'x.k8s.io','scope':'Cluster'," NAMES ",'versions':[" V1 "]}}", "" },
		{ "{'metadata':{'name':'things.x.k8s.io','annotations':{'api-approved.kubernetes.io':'unapproved, a try'}},"
		  "'spec':{'group':'x.k8s.io','scope':'Cluster'," NAMES ",'versions':[" V1 "]}}", "" },
	};

	CREATES(customresourcedefinitions, v);
}

static void conversions(void **state)
{
	static const struct verdict v[] = {
		{ CONVERT("{'strategy':'Webhook','webhook':{'conversionReviewVersions':['v1'],'clientConfig':{'url':'https://example.com/c'}}}"), "" },
		{ CONVERT("{'strategy':'Webhook','webhook':{'conversionReviewVersions':['v1'],'clientConfig':{'service':{'name':'s','namespace':'d'}}}}"), "" },
		{ CONVERT("{'strategy':'Magic'}"),
		  "spec.conversion.strategy: Unsupported value: \"Magic\": supported values: \"None\", \"Webhook\"" },
		{ CONVERT("{'strategy':'Webhook'}"),
		  "[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, "
		  "spec.conversion.conversionReviewVersions: Required value]" },
		{ CONVERT("{'strategy':'Webhook','webhook':{'conversionReviewVersions':['v2','v2'],'clientConfig':{}}}"),
		  "[spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required, "
		  "spec.conversion.conversionReviewVersions[1]: Invalid value: \"v2\": duplicate version, "
		  "spec.conversion.conversionReviewVersions: Invalid value: [\"v2\",\"v2\"]: must include at least one of v1, v1beta1]" },
		{ CONVERT("{'strategy':'None','webhook':{'conversionReviewVersions':['v1'],'clientConfig':{'url':'https://example.com/c'}}}"),
		  "[spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook, "
		  "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook]" },
	};

	CREATES(customresourcedefinitions, v);
}

static void parts_of_versions(void **state)
{
	static const struct verdict v[] = {
		{ SUB("{'status':{},'scale':{'specReplicasPath':'.spec.n','statusReplicasPath':'.status.n','labelSelectorPath':'.status.s'}}"), "" },
		{ SUB("{'scale':{'specReplicasPath':'spec.n','statusReplicasPath':'.spec.n','labelSelectorPath':'.s'}}"),
		  "[spec.subresources.scale.specReplicasPath: Invalid value: \"spec.n\": must be a simple json path starting with ., "
		  "spec.subresources.scale.statusReplicasPath: Invalid value: \".spec.n\": should be a json path under .status, "
		  "spec.subresources.scale.labelSelectorPath: Invalid value: \".s\": should be a json path under either .spec or .status]" },
		{ COLS("[{'name':'A','type':'string','jsonPath':'.spec.a'}]"), "" },
		{ COLS("[{'name':'','type':'text','format':'x','jsonPath':'spec'}]"),
		  "[spec.additionalPrinterColumns[0].name: Required value, "
		  "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string, "
		  "spec.additionalPrinterColumns[0].format: Invalid value: \"x\": "
		  "must be one of byte,date,date-time,double,float,int32,int64,password, "
		  "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec\": must be a simple json path starting with .]" },
		{ SELECTS("[{'jsonPath':'.spec.a'},{'jsonPath':'.spec.m.x'}]"), "" },
		{ SELECTS("[{'jsonPath':''},{'jsonPath':'spec'},{'jsonPath':'.spec.b'},{'jsonPath':'.spec[\\'a\\']'},{'jsonPath':'.spec.'}]"),
		  "[spec.selectableFields[0].jsonPath: Required value, "
		  "spec.selectableFields[1].jsonPath: Invalid value: \"spec\": is an invalid path: expected [ or . but got: spec, "
		  "spec.selectableFields[2].jsonPath: Invalid value: \".spec.b\": is an invalid path: does not refer to a valid field, "
		  "spec.selectableFields[3].jsonPath: Invalid value: \".spec[\\\"a\\\"]\": is an invalid path: array notation is not allowed, "
		  "spec.selectableFields[4].jsonPath: Invalid value: \".spec.\": is an invalid path: unexpected end of JSON path]" },
		{ SELECTS("[{'jsonPath':'.spec.o'},{'jsonPath':'.metadata.name'},{'jsonPath':'.spec.a'},{'jsonPath':'.spec.a'}]"),
		  "[spec.selectableFields[0].jsonPath: Invalid value: \".spec.o\": must point to a field of type string, boolean or integer. "
		  "Enum string fields and strings with formats are allowed., "
		  "spec.selectableFields[1].jsonPath: Invalid value: \".metadata.name\": must not point to fields in metadata, "
		  "spec.selectableFields[3].jsonPath: Duplicate value: \".spec.a\"]" },
		{ SELECTS("[{'jsonPath':'.spec.m.a'},{'jsonPath':'.spec.m.b'},{'jsonPath':'.spec.m.c'},{'jsonPath':'.spec.m.d'},"
			  "{'jsonPath':'.spec.m.e'},{'jsonPath':'.spec.m.f'},{'jsonPath':'.spec.m.g'},{'jsonPath':'.spec.m.h'},{'jsonPath':'.spec.m.i'}]"),
		  "spec.selectableFields: Too many: 9: must have at most 8 items" },
		/* what differs is named where it stands */
		{ CRD("'scope':'Cluster'," NAMES ",'versions':[" V1 ",{'name':'v2','served':true,'storage':false,'schema':{'openAPIV3Schema':"
		      "{'type':'object','properties':{'a':{}}}}}]"),
		  "spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields" },
	};

	CREATES(customresourcedefinitions, v);
}

static void structural_schemas(void **state)
{
	static const struct verdict v[] = {
		{ FIELD_P("{'type':'string','nullable':true,'default':'x'}"), "" },
		{ FIELD_P("{'x-kubernetes-int-or-string':true,'anyOf':[{'type':'integer'},{'type':'string'}]}"), "" },
		{ FIELD_P("{'x-kubernetes-int-or-string':true,'allOf':[{'anyOf':[{'type':'integer'},{'type':'string'}]}]}"), "" },
		{ FIELD_P("{'x-kubernetes-preserve-unknown-fields':true}"), "" },
		{ ROOT(",'properties':{'metadata':{'type':'object','properties':{'name':{'type':'string','maxLength':5}}}}"), "" },
		{ SCHEMA("{}"), S ".type: Required value: must not be empty at the root" },
		{ SCHEMA("{'type':'string'}"), S ".type: Invalid value: \"string\": must be object at the root" },
		{ ROOT(",'additionalProperties':{'type':'string'}"), S ".additionalProperties: Forbidden: must not be used at the root" },
		{ ROOT(",'nullable':true"), S ".nullable: Forbidden: nullable cannot be true at the root" },
		{ FIELD_P("{'type':'array'}"), P ".items: Required value: must be specified" },
		{ FIELD_P("{'type':'array','items':{}}"), P ".items.type: Required value: must not be empty for specified array items" },
		{ FIELD_P("{'type':'integer','anyOf':[{'type':'integer','minimum':1},{'description':'d','nullable':true}]}"),
		  "[" P ".anyOf[0].type: Forbidden: must be empty to be structural, "
		  P ".anyOf[1].description: Forbidden: must be empty to be structural, "
		  P ".anyOf[1].nullable: Forbidden: must be false to be structural]" },
		{ ROOT(",'properties':{'a':{'type':'object','properties':{'b':{'type':'string'}}}},"
		       "'oneOf':[{'properties':{'a':{'properties':{'c':{'minLength':1}}}}}]"),
		  P ".properties[c]: Required value: because it is defined in " S ".oneOf[0].properties[a].properties[c]" },
		{ ROOT(",'properties':{'kind':{'type':'integer'},'metadata':{'type':'object','description':'d'}}"),
		  "[" S ".properties[kind].type: Invalid value: \"integer\": must be string, "
		  S ".properties[metadata]: Forbidden: must not specify anything other than name and generateName, "
		  "but metadata is implicitly specified]" },
		{ FIELD_P("{'x-kubernetes-embedded-resource':true,'type':'object'}"),
		  P ".properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without "
		  "x-kubernetes-preserve-unknown-fields" },
		{ FIELD_P("{'x-kubernetes-embedded-resource':true,'x-kubernetes-preserve-unknown-fields':true}"),
		  P ".type: Required value: must be object if x-kubernetes-embedded-resource is true" },
		{ FIELD_P("{'x-kubernetes-int-or-string':true,'x-kubernetes-preserve-unknown-fields':true}"),
		  P ".x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true" },
		{ FIELD_P("{'type':'object','properties':{'b':{'type':'string'}},'default':{'b':'x','c':1}}"),
		  P ".default: Invalid value: {\"b\":\"x\",\"c\":1}: must not have unknown fields" },
		{ FIELD_P("{'type':'object','additionalProperties':{'type':'string'},'default':{'b':'x'}}"), "" },
		{ ROOT(",'$schema':'x'"), S ": Invalid value: \"\": OpenAPIV3Schema 'schema' is not supported" },
	};

	CREATES(customresourcedefinitions, v);
}

static void openapi_schemas(void **state)
{
	static const struct verdict v[] = {
		{ FIELD_P("{'type':'text'}"),
		  P ".type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"" },
		{ FIELD_P("{'type':'string','uniqueItems':true}"),
		  P ".uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic" },
		{ FIELD_P("{'type':'object','properties':{'b':{'type':'string'}},'additionalProperties':{'type':'string'}}"),
		  P ".additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive" },
		{ FIELD_P("{'$ref':'x'}"), P ".$ref: Forbidden: $ref is not supported" },
		{ FIELD_P("{'type':'array','items':[{'type':'string'}]}"), P ".items: Forbidden: items must be a schema object and not an array" },
		{ ROOT(",'properties':{'apiVersion':{'type':'string','default':'x'}}"),
		  S ".properties[apiVersion].default: Forbidden: must not be set in top-level apiVersion" },
		{ FIELD_P("{'type':'string','x-kubernetes-preserve-unknown-fields':false}"),
		  P ".x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined" },
		{ FIELD_P("{'type':'string','x-kubernetes-map-type':'loose'}"),
		  "[" P ".type: Invalid value: \"string\": must be object if x-kubernetes-map-type is specified, "
		  P ".x-kubernetes-map-type: Unsupported value: \"loose\": supported values: \"atomic\", \"granular\"]" },
		{ FIELD_P("{'type':'array','items':{'type':'object'},'x-kubernetes-list-type':'set'}"),
		  P ".items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set" },
		{ FIELD_P("{'type':'array','items':{'type':'string'},'x-kubernetes-list-map-keys':['k']}"),
		  P ".x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty" },
		{ FIELD_P("{'type':'array','x-kubernetes-list-type':'map','items':{'type':'string'}}"),
		  "[" P ".x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map, "
		  P ".items.type: Invalid value: \"string\": must be object if parent array's x-kubernetes-list-type is map]" },
		{ FIELD_P("{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k','k','z'],"
			  "'items':{'type':'object','properties':{'k':{'type':'string','nullable':true}}}}"),
		  "[" P ".x-kubernetes-list-map-keys: Invalid value: [\"k\",\"k\",\"z\"]: must not contain duplicate entries, "
		  P ".x-kubernetes-list-map-keys: Invalid value: [\"k\",\"k\",\"z\"]: entries must all be names of item properties, "
		  P ".items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, "
		  "so it must have a default or be a required property, "
		  P ".items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable]" },
		{ FIELD_P("{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],"
			  "'items':{'type':'object','required':['k'],'properties':{'k':{'type':'string'}}}}"), "" },
		{ FIELD_P("{'type':'object','properties':{'b':{'type':'string'}},"
			  "'x-kubernetes-validations':[{'rule':'self.b != x','fieldPath':'.b','reason':'FieldValueInvalid'}]}"), "" },
		{ FIELD_P("{'type':'string','x-kubernetes-validations':[{'rule':' '},{'rule':'a\\nb'},{'rule':'a','message':' '},"
			  "{'rule':'a','message':'b\\nc','messageExpression':' ','reason':'Bad','fieldPath':'.x'}]}"),
		  "[" P ".x-kubernetes-validations[0].rule: Required value: rule is not specified, "
		  P ".x-kubernetes-validations[1].message: Required value: message must be specified if rule contains line breaks, "
		  P ".x-kubernetes-validations[2].message: Invalid value: \" \": must be non-empty if specified, "
		  P ".x-kubernetes-validations[3].message: Invalid value: \"b\\nc\": must not contain line breaks, "
		  P ".x-kubernetes-validations[3].messageExpression: Required value: messageExpression must be non-empty if specified, "
		  P ".x-kubernetes-validations[3].reason: Unsupported value: \"Bad\": supported values: \"FieldValueDuplicate\", "
		  "\"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\", "
		  P ".x-kubernetes-validations[3].fieldPath: Invalid value: \".x\": must be a valid path]" },
		{ STATUS("{'type':'object','description':'d'}"), "" },
		{ STATUS("{'type':'object','maxProperties':3}"),
		  S ": Invalid value: {\"type\":\"object\",\"maxProperties\":3}: only [Description Type Format Title Maximum ExclusiveMaximum "
		  "Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties "
		  "ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status "
		  "subresource is enabled" },
		{ STATUS("{'type':'array','items':{'type':'string'}}"),
		  "[" S ".type: Invalid value: \"array\": only \"object\" is allowed as the type at the root of the schema if the status "
		  "subresource is enabled, " S ".type: Invalid value: \"array\": must be object at the root]" },
	};

	CREATES(customresourcedefinitions, v);
}

#define STORED(spec, stored) "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.com'," spec "},'status':{'storedVersions':" stored "}}"
#define ESTABLISHED(spec) "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.com'," spec "},'status':{'storedVersions':['v1']," \
	"'conditions':[{'type':'Established','status':'True'}]}}"
#define IN(scope, kind) "'scope':'" scope "','names':{'plural':'things','kind':'" kind "'},'versions':[" V1 "]"

static void updates_keep_what_is_stored(void **state)
{
	static const struct verdict stored[] = {
		{ STORED(IN("Cluster", "Thing"), "['v0','v1']"), "status.storedVersions[0]: Invalid value: \"v0\": missing from spec.versions; "
		  "v0 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains "
		  "persisted in v0 and removes v0 from status.storedVersions" },
		{ STORED("'scope':'Cluster'," NAMES ",'versions':[" V1 "," V2 "]", "['v2']"),
		  "status.storedVersions: Invalid value: [\"v2\"]: must have the storage version v1" },
	};
	const struct kind *k = &kind_customresourcedefinitions;

	for (size_t i = 0; i < ARRAY_SIZE(stored); i++) {
		_cleanup_field_errors_ struct field_errors e = { 0 };
		_cleanup_json_ json *new = obj_of(k, stored[i].obj), *old = obj_of(k, STORED(IN("Cluster", "Thing"), "['v1']"));

		default_object(k, new);
		default_object(k, old);
		validate_update(k, new, old, &e);
		is_said(&e, stored[i].obj, stored[i].want);
	}
	prepared(k, STORED(IN("Cluster", "Thing"), "['v0']"), STORED(IN("Cluster", "Thing"), "['v0']"),
		 STORED("'scope':'Cluster','names':{'plural':'things','kind':'Thing','singular':'thing','listKind':'ThingList'},"
			"'versions':[" V1 "],'conversion':{'strategy':'None'}", "['v0','v1']"));
}

static void established_ones_keep_their_names(void **state)
{
	static const struct step v[] = {
		{ CRD(IN("Cluster", "Thing")), CRD(IN("Namespaced", "Other")), "" },
		{ CRD(IN("Cluster", "Thing")), "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.org'," IN("Cluster", "Thing") "}}",
		  "spec.group: Invalid value: \"example.org\": field is immutable" },
	};
	const struct kind *k = &kind_customresourcedefinitions;
	_cleanup_json_ json *old = obj_of(k, ESTABLISHED(IN("Cluster", "Thing"))), *new = obj_of(k, ESTABLISHED(IN("Namespaced", "Other")));
	_cleanup_field_errors_ struct field_errors e = { 0 };

	UPDATES(customresourcedefinitions, v);
	default_object(k, old);
	default_object(k, new);
	validate_update(k, new, old, &e);
	is_said(&e, "established", "[spec.scope: Invalid value: \"Namespaced\": field is immutable, "
		"spec.names.kind: Invalid value: \"Other\": field is immutable]");
}

static void broken_certificates_are_told_later(void **state)
{
#define HOOK "'conversion':{'strategy':'Webhook','webhook':{'conversionReviewVersions':['v1'],'clientConfig':{'url':'https://e.example','caBundle':'AAAA'}}}"
	const struct kind *k = &kind_customresourcedefinitions;
	static const struct verdict created[] = { { CRD(IN("Cluster", "Thing") "," HOOK), "" } };
	_cleanup_json_ json *old = obj_of(k, ESTABLISHED(IN("Cluster", "Thing"))), *new = obj_of(k, ESTABLISHED(IN("Cluster", "Thing") "," HOOK));
	_cleanup_field_errors_ struct field_errors e = { 0 };

	CREATES(customresourcedefinitions, created);
	default_object(k, old);
	default_object(k, new);
	validate_update(k, new, old, &e);
	is_said(&e, "established", "spec.conversion.webhookClientConfig.caBundle: Invalid value: \"AAAA\": "
		"unable to load root certificates: data does not contain any valid RSA or ECDSA certificates");
}

static void defaults_and_status(void **state)
{
	static const struct change v[] = {
		{ CRD("'scope':'Cluster'," NAMES ",'versions':[" V1 "]"),
		  "{'metadata':{'name':'things.example.com'},'spec':{'group':'example.com','scope':'Cluster',"
		  "'names':{'plural':'things','kind':'Thing','singular':'thing','listKind':'ThingList'},'versions':[" V1 "],"
		  "'conversion':{'strategy':'None'}},'status':{'storedVersions':['v1']}}" },
	};
	static const struct step s[] = {
		{ CRD(IN("Cluster", "Thing")), "{'metadata':{'name':'things.example.com'},'status':{'acceptedNames':{'plural':'T','kind':'Thing'},"
		  "'storedVersions':['v1']}}", "status.acceptedNames.plural: Invalid value: \"T\": " DNS1035_WHY },
	};

	DEFAULTS(customresourcedefinitions, v);
	STATUSES(customresourcedefinitions, s);
	is_row(&kind_customresourcedefinitions, "{" META "}", "x|2025-12-31T23:59:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions),
		cmocka_unit_test(conversions),
		cmocka_unit_test(parts_of_versions),
		cmocka_unit_test(structural_schemas),
		cmocka_unit_test(openapi_schemas),
		cmocka_unit_test(updates_keep_what_is_stored),
		cmocka_unit_test(established_ones_keep_their_names),
		cmocka_unit_test(broken_certificates_are_told_later),
		cmocka_unit_test(defaults_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
