import KeelBase
import KeelCrypto

/// The codes of `grants`: a row says in clear for whom a grant was given, by whom, and whether it is in service, and nobody
/// without the key can change that.
struct GrantCodes {
    let vault: String
    let keys: VaultKeys
    let connection: Connection

    /// Throws `.notAuthentic` unless a row is as it was written.
    func verify(_ record: GrantRecord) throws(VaultFailure) {
        guard let code = try code(of: record.id) else {
            guard try KeyTable(vault: vault, connection: connection).demandsCodes(keys) else { return }
            throw VaultFailure(
                .notAuthentic,
                "\(what(record.id)) has lost the code that somebody without the vault's key cannot make; it is not used"
            )
        }
        try keys.verify(code, .grant, fields(record), what: what(record.id))
    }

    /// The row of a grant, verified; its absence is a failure.
    func existing(_ grant: GrantID) throws(VaultFailure) -> GrantRecord {
        let record = try GrantTable.existing(grant, connection)
        try verify(record)
        return record
    }

    /// Makes the code of a row anew, after it was verified and then changed by us.
    func renew(_ grant: GrantID) throws(VaultFailure) {
        let record = try GrantTable.existing(grant, connection)
        try connection.run(
            "UPDATE grants SET code = ?2 WHERE id = ?1", .grant(grant), .blob(keys.code(.grant, fields(record))))
    }

    /// The code as it stands there; nil if there is none.
    func code(of grant: GrantID) throws(VaultFailure) -> [UInt8]? {
        guard try VaultFormat.isAtLeast(3, connection) else { return nil }
        return try connection.first("SELECT code FROM grants WHERE id = ?1", .grant(grant)) {
            row throws(VaultFailure) in try row.optionalBlob(0)
        } ?? nil
    }

    /// Makes the codes that a vault of an older format lacks, and lets no row be without one from now on.
    func complete() throws(VaultFailure) {
        let table = KeyTable(vault: vault, connection: connection)
        guard try !table.demandsCodes(keys) else { return }
        let grants = try connection.rows("SELECT id FROM grants WHERE code IS NULL ORDER BY id") {
            row throws(VaultFailure) in try row.grant(0)
        }
        for grant in grants { try renew(grant) }
        try table.demandCodes(keys)
    }

    /// What nobody may change: all that says whose a grant is, and its place in its life.
    private func fields(_ record: GrantRecord) -> AuthenticatedFields {
        var fields = AuthenticatedFields(
            purpose: "vault/grant/v1", vault, record.id.text, record.profile, record.subject, record.clientDigest,
            record.type.rawValue, record.status.rawValue)
        for text in [record.issuer, record.providerSubject] { fields.append(optional: text.map { Array($0.utf8) }) }
        return fields
    }

    private func what(_ grant: GrantID) -> String { "the row of grant \(grant)" }
}
