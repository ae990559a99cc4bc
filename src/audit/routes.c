/* The audit API. */
#include "audit/internal.h"

#define RECORDS "Audit records"
#define PROOFS "Proofs"

static const struct route rows[] = {
	{ HTTP_POST, "/query", AUDIT_READ, READS, QUERY(audit_page), IN(audit_query), OUT(audit_records),
		OP(.prepare = audit_query_prepare), "Search audit records", .id = "queryAudit", .tag = RECORDS, .flags = EMPTY_BODY_OK },
	{ HTTP_GET, "/query/cursor/{cursor:text}", AUDIT_READ, READS, OUT(audit_record_view),
		OP(.prepare = audit_record_prepare), "Get an audit record", .id = "getAuditRecord", .tag = RECORDS },
	{ HTTP_GET, "/query/metadata", AUDIT_READ, READS, OUT(audit_metadata),
		OP(.prepare = audit_metadata_prepare), "Get what helps to build a query", .id = "getAuditMetadata", .tag = RECORDS },
	{ HTTP_GET, "/query/properties", AUDIT_READ, READS, QUERY(audit_properties_of), OUT(audit_properties),
		OP(.prepare = audit_properties_prepare), "Get the members that can be searched by",
		.id = "getAuditProperties", .tag = RECORDS },
	{ HTTP_POST, "/export", AUDIT_READ, READS, QUERY(audit_export), IN(audit_query),
		OP(.prepare = audit_export_prepare), "Export the audit records that a query finds", .id = "exportAuditQuery", .tag = RECORDS,
		.flags = EMPTY_BODY_OK },
	{ HTTP_GET, "/export", AUDIT_READ, READS, QUERY(audit_export),
		OP(.prepare = audit_export_prepare), "Export all audit records, with their proofs", .id = "exportAudit", .tag = RECORDS },
	{ HTTP_GET, "/checkpoints", AUDIT_READ, READS, QUERY(audit_page), OUT(audit_checkpoints),
		OP(.prepare = audit_checkpoints_prepare), "List checkpoints of the log", .id = "listAuditCheckpoints", .tag = PROOFS },
	{ HTTP_GET, "/proofs/inclusion", AUDIT_READ, READS, QUERY(audit_inclusion_of), OUT(audit_inclusion),
		OP(.prepare = audit_inclusion_prepare), "Prove that a record stands in the log", .id = "proveInclusion", .tag = PROOFS },
	{ HTTP_GET, "/proofs/consistency", AUDIT_READ, READS, QUERY(audit_consistency_of), OUT(audit_consistency),
		OP(.prepare = audit_consistency_prepare), "Prove that the log was only appended to", .id = "proveConsistency", .tag = PROOFS },
};

static const struct tag tags[] = {
	{ RECORDS, "What happened in an account: searched, and exported as JSON lines with proofs or as a table" },
	{ PROOFS, "The log is a Merkle tree (RFC 9162): signed checkpoints, and proofs against them" },
	{ NULL, NULL },
};

const struct route_table audit_routes = {
	.base = "/audit",
	.title = "Audit API",
	.doc = "The audit log of an account, and its proof.",
	.tags = tags,
	.openapi_path = "/audit/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
