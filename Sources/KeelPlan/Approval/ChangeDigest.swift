import KeelBase
import KeelState

/// What was approved of one address: its change and its steps, without what may differ between two looks at the same work.
///
/// Not in it: places in files, words of reasons, times, and edges to other addresses, which follow from the kinds of steps.
/// Nor how a slot is filled: whether a person consents now or has consented already, the approved work is the same.
enum ChangeDigest {
    static func of(_ change: Change?, _ steps: [Step]) -> String {
        let json = JSON.object([
            .init("change", change.map(json) ?? .null),
            .init(
                "steps",
                .array(
                    steps.filter { !isReplacement($0, change) }.sorted { $0.id < $1.id }.map { step in
                        .object([.init("id", .string(step.id.description)), .init("input", step.work.intentJSON)])
                    })),
        ])
        return ContentDigest.hexadecimal(of: json.bytes())
    }

    private static let news: Set<Reason.Code> = [
        .lastAttemptFailed, .adopted, .unfinished, .newGrant, .otherGrant, .renewedGrant, .nearHorizon, .notRevoked,
    ]

    /// What becomes of a grant that is replaced follows from how its slot is filled.
    private static func isReplacement(_ step: Step, _ change: Change?) -> Bool {
        step.id.kind == .revoke && change?.action != .delete
    }

    private static func json(_ change: Change) -> JSON {
        .present(
            ("address", .string(change.address.description)), ("action", .string(change.action.rawValue)),
            ("previous", change.previous.map { .string($0.description) }),
            ("fields", .array(change.fields.map(\.json))),
            // That an attempt failed or was not finished is news, but no other work; nor is it whether the grant to be
            // proven with comes in this run or came in one before.
            (
                "reasons",
                .array(
                    Set(change.reasons.map(\.code)).subtracting(news).map(\.rawValue).sorted()
                        .map(JSON.string))
            ),
            // What the vault shows of the grant is compared beside the digest: where it was not observed, that is no difference.
            ("found", change.found.record.map(JSON.string) ?? .null), ("grant", change.found.grant.map(JSON.string)),
            ("wanted", change.wanted.map(JSON.string)))
    }
}

extension Step.Work {
    /// The input without how a slot is filled.
    fileprivate var intentJSON: JSON {
        switch self {
        case .authorize(let work): work.json(withWay: false)
        default: json
        }
    }
}

extension Found {
    var json: JSON {
        .present(
            ("record", record.map(JSON.string)), ("grant", grant.map(JSON.string)),
            (
                "facts",
                facts.map { facts in
                    .object([
                        .init("profile", .string(facts.profile)), .init("subject", .string(facts.subject)),
                        .init("status", .string(facts.status.rawValue)),
                        .init("scopes", .array(facts.scopes.map(JSON.string))),
                    ])
                }
            ))
    }
}
