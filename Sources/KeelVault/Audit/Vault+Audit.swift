import KeelBase
import KeelCrypto

extension Vault {
    /// Adds an entry to the audit, durably. With a key it also gets a code over itself and the one before it, so that a
    /// change, a removal or an insertion shows later. (A cut at the end does not show.)
    package func record(_ entry: AuditEntry) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in try append(entry, connection) }
    }

    /// The same, as a part of a transaction.
    func append(_ entry: AuditEntry, _ connection: Connection) throws(VaultFailure) {
        let last = try connection.first("SELECT sequence, code FROM audit ORDER BY sequence DESC LIMIT 1") {
            row throws(VaultFailure) in (try row.integer(0), try row.optionalBlob(1))
        }
        let record = AuditRecord(sequence: (last?.0 ?? 0) + 1, time: time.now, entry: entry)
        let code = keys?.code(.audit, fields(record, after: last?.1))
        try connection.run(
            """
            INSERT INTO audit (sequence, time, run, actor, action, address, grant_id, detail, code)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """,
            .integer(record.sequence), .time(record.time), .text(entry.run), .text(entry.actor),
            .text(entry.action), .text(entry.address?.description), .grant(entry.grant), .text(entry.detail),
            .blob(code))
    }

    /// The entries after `sequence`, at most `count`, in order.
    package func audit(after sequence: Int = 0, atMost count: Int) async throws(VaultFailure) -> [AuditRecord] {
        try await reading { connection throws(VaultFailure) in
            try rows(after: sequence, count, connection).map(\.record)
        }
    }

    /// Verifies the whole audit; throws `.notAuthentic` at the first entry that is not as it was written.
    ///
    /// Entries that were written without a key carry no code; for them only their place is checked.
    package func verifyAudit() async throws(VaultFailure) {
        let keys = try needKeys()
        try await reading { connection throws(VaultFailure) in
            try KeyTable(vault: id, connection: connection).learnFormer(keys)
            var former: (sequence: Int, code: [UInt8]?)?
            while true {
                let page = try rows(after: former?.sequence ?? 0, 1000, connection)
                for (record, code) in page {
                    let what = "audit entry \(record.sequence)"
                    guard record.sequence == (former?.sequence ?? 0) + 1 else {
                        throw VaultFailure(.notAuthentic, "the audit lacks entries before \(record.sequence)")
                    }
                    if let code { try keys.verify(code, .audit, fields(record, after: former?.code), what: what) }
                    former = (record.sequence, code)
                }
                if page.count < 1000 { return }
            }
        }
    }

    private func rows(
        after sequence: Int, _ count: Int, _ connection: Connection
    ) throws(VaultFailure) -> [(record: AuditRecord, code: [UInt8]?)] {
        try connection.rows(
            """
            SELECT sequence, time, run, actor, action, address, grant_id, detail, code FROM audit
            WHERE sequence > ?1 ORDER BY sequence LIMIT ?2
            """,
            .integer(sequence), .integer(count)
        ) { row throws(VaultFailure) in
            let entry = AuditEntry(
                run: try row.text(2), actor: try row.text(3), action: try row.text(4),
                address: row.isNull(5) ? nil : try row.address(5), grant: try row.optionalGrant(6),
                detail: try row.optionalText(7))
            let record = AuditRecord(sequence: try row.integer(0), time: try row.time(1), entry: entry)
            return (record, try row.optionalBlob(8))
        }
    }

    private nonisolated func fields(_ record: AuditRecord, after former: [UInt8]?) -> AuthenticatedFields {
        var fields = AuthenticatedFields(
            purpose: "vault/audit/v1", id, record.entry.run, record.entry.actor, record.entry.action)
        fields.append(record.sequence)
        fields.append(Int(record.time.seconds))
        for text in [record.entry.address?.description, record.entry.grant?.text, record.entry.detail] {
            fields.append(optional: text.map { Array($0.utf8) })
        }
        fields.append(optional: former)
        return fields
    }
}
