#include "audit/audit_schema.h"

ENUMERATION(audit_operator, AUDIT_OPERATOR);
ENUMERATION(audit_format, AUDIT_FORMAT);

SCHEMA(audit_page, AUDIT_PAGE, "Which page");
SCHEMA(audit_condition, AUDIT_CONDITION, "A condition");
SCHEMA(audit_query, AUDIT_QUERY, "What to search for");
SCHEMA(audit_record_view, AUDIT_RECORD_VIEW, "An audit record");
SCHEMA(audit_records, AUDIT_RECORDS, "A page of audit records");
SCHEMA(audit_metadata, AUDIT_METADATA, "What helps to build a query");
SCHEMA(audit_properties_of, AUDIT_PROPERTIES_OF, "Of which records");
SCHEMA(audit_properties, AUDIT_PROPERTIES, "Names of members");
SCHEMA(audit_export, AUDIT_EXPORT, "How to export");
SCHEMA(audit_checkpoint, AUDIT_CHECKPOINT, "A checkpoint of the log");
SCHEMA(audit_checkpoints, AUDIT_CHECKPOINTS, "Checkpoints of the log");
SCHEMA(audit_inclusion_of, AUDIT_INCLUSION_OF, "Of which record");
SCHEMA(audit_inclusion, AUDIT_INCLUSION, "That a record stands in the log");
SCHEMA(audit_consistency_of, AUDIT_CONSISTENCY_OF, "Between which checkpoints");
SCHEMA(audit_consistency, AUDIT_CONSISTENCY, "That the log was only appended to");
