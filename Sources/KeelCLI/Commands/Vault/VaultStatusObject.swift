import KeelBase
import KeelCrypto
import KeelEngine
import KeelVault

extension VaultStatus {
    /// The status for machines.
    var json: JSON {
        .present(
            ("type", "vault_status"), ("path", .string(path)), ("id", .string(snapshot.vault)),
            ("format", .integer(facts.format)), ("created", facts.created.map(Self.time)), ("key", keys),
            ("size", .integer(facts.size)), ("logSize", .integer(logSize)), ("grants", counts),
            ("secrets", .integer(facts.secrets)), ("auditLength", .integer(facts.auditLength)),
            ("quarantine", quarantine), ("due", .array(due.map(Self.grant))),
            ("troubled", .array(troubled.map(Self.grant))), ("nearHorizon", .array(nearHorizon.map(Self.grant))),
            ("flows", .array(snapshot.flows.map(Self.flow))), ("intents", .array(snapshot.intents.map(Self.intent))),
            ("tombstones", .array(snapshot.tombstones.map(Self.tombstone))),
            ("endpoints", .array(facts.endpoints.map(Self.endpoint))), ("verification", verified))
    }

    private var keys: JSON {
        .present(
            ("current", facts.keys.current.map { .string($0.description) }),
            ("passphrase", facts.keys.current.flatMap { facts.keys.derivations[$0] }.map { .string($0.words) }),
            ("retiring", .array(facts.keys.retiring.map { .string($0.description) })),
            ("former", .array(facts.keys.former.map { .string($0.description) })))
    }

    private var counts: JSON {
        .object([
            .init("current", .integer(count(.current))), .init("candidate", .integer(count(.candidate))),
            .init("retired", .integer(count(.retired))), .init("purgeable", .integer(purgeable)),
        ])
    }

    private var quarantine: JSON? {
        snapshot.quarantine.map { quarantine in
            .object([
                .init("copied", Self.time(quarantine.copied)),
                .init("behind", .array(quarantine.behind.map { .string($0.text) })),
            ])
        }
    }

    private var verified: JSON? {
        verification.map { verification in
            .object([
                .init("sound", .integer(verification.sound)),
                .init("findings", .array(verification.findings.map(JSON.string))),
            ])
        }
    }

    private static func grant(_ grant: GrantRecord) -> JSON {
        .present(
            ("address", slot(grant.profile, grant.subject)), ("grant", .string(grant.id.text)),
            ("status", .string(grant.status.rawValue)), ("accessExpires", grant.accessExpires.map(time)),
            ("nextAttempt", grant.renewalDue.map(time)), ("refreshHorizon", grant.refreshHorizon.map(time)),
            ("failures", .integer(grant.renewalFailures)), ("problem", grant.renewalProblem.map(JSON.string)))
    }

    private static func flow(_ flow: Flow) -> JSON {
        .object([
            .init("id", .string(flow.id.text)), .init("kind", .string(flow.draft.kind.rawValue)),
            .init("address", slot(flow.draft.profile, flow.draft.subject)),
            .init("created", time(flow.created)), .init("expires", time(flow.draft.expires)),
        ])
    }

    private static func intent(_ intent: Intent) -> JSON {
        .present(
            ("kind", .string(intent.kind.rawValue)), ("grant", intent.grant.map { .string($0.text) }),
            ("address", slot(intent.profile, intent.subject)), ("run", .string(intent.run)),
            ("created", time(intent.created)))
    }

    private static func tombstone(_ tombstone: Tombstone) -> JSON {
        .present(
            ("grant", .string(tombstone.grant.text)), ("endpoint", .string(tombstone.endpoint)),
            ("reason", .string(tombstone.reason)), ("attempts", .integer(tombstone.attempts)),
            ("created", time(tombstone.created)), ("nextAttempt", tombstone.nextAttempt.map(time)),
            ("problem", .string(tombstone.problem)))
    }

    private static func endpoint(_ endpoint: EndpointHealth) -> JSON {
        .present(
            ("endpoint", .string(endpoint.endpoint)), ("failures", .integer(endpoint.failures)),
            ("openUntil", endpoint.openUntil.map(time)), ("problem", .string(endpoint.problem)))
    }

    private static func slot(_ profile: String, _ subject: String) -> JSON {
        .string(ResourceAddress.authorization(profile: profile, subject: subject).description)
    }

    private static func time(_ time: Timestamp) -> JSON { .string(time.description) }
}
