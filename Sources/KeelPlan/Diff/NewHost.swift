import KeelBase
import KeelModel

/// A known secret or grant that would meet a new host, issuer or authority is a reason of its own: a stranger's branch
/// must not be able to hide where credentials will go.
enum NewHost {
    private static let fields: Set<String> = ["server", "port", "issuer", "tls.caFile"]

    /// What changed fields of a committed resource mean for its credentials.
    static func reasons(_ changes: [FieldChange]) -> [Reason] {
        // Secrets go to every endpoint, and people type theirs at the one where they consent.
        changes.filter { fields.contains($0.field) || $0.field.hasPrefix("endpoints.") }.map { change in
            Reason(
                .newHost,
                change.field == "tls.caFile"
                    ? "credentials will be sent to whoever a NEW certificate authority vouches for"
                    : "credentials will be sent to a NEW host: \(change.field) changes")
        }
    }

    /// A new account on a slot whose grant was never shown to its server.
    static func reason(server: String, unlike known: Set<String>, grantOf slot: ResourceAddress) -> Reason? {
        guard !known.isEmpty, !known.contains(server) else { return nil }
        return Reason(
            .newHost,
            "credentials will be sent to a NEW host: the grant of \(slot) was never sent to \(ForeignText(server))")
    }

    /// A resource that names the source of another one's secret, and would send it elsewhere.
    static func reason(secret: SecretSource, place: String, unlike known: [KnownSecret]) -> Reason? {
        let owners = known.filter { $0.source.location == secret.location }
        guard let first = owners.first, !owners.contains(where: { $0.place == place }) else { return nil }
        return Reason(
            .newHost,
            "credentials will be sent to a NEW host: \(ForeignText(secret.summary)) is the secret of \(first.owner), and was never sent to \(ForeignText(place))"
        )
    }
}
