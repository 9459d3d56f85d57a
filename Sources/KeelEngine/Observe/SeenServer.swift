import KeelBase
import KeelVault

/// What a mail server showed to a login that was an account's own, and when.
struct SeenServer: Sendable {
    let endpoint: HostPort
    let facts: ObservedFacts
    let at: Timestamp
}

extension ObservedFacts {
    /// As the vault keeps them of an account; none of what was not observed.
    func observations(of account: Definition, by observer: String, at time: Timestamp) -> [Observation] {
        [(Self.offerKind, offer?.json), (Self.tlsKind, tls?.json)].compactMap { kind, value in
            value.map { Observation(of: account, kind: kind, observer: observer, observed: time, value: $0) }
        }
    }
}

extension Observation {
    init(of definition: Definition, kind: String, observer: String, observed: Timestamp, value: JSON) {
        self.init(
            of: definition.address, kind: kind, observer: observer, observed: observed, grant: definition.grant,
            settingsDigest: definition.settingsDigest, value: value.text())
    }
}

/// What servers showed otherwise than when they were seen last, in the words that each account of a server has in common.
struct ChangedServers: Sendable {
    private var accounts: [HostPort: [String: [ResourceAddress]]] = [:]

    mutating func note(_ changes: [ObservedChange], at endpoint: HostPort, by account: ResourceAddress) {
        for change in changes { accounts[endpoint, default: [:]][change.words, default: []].append(account) }
    }

    mutating func merge(_ more: ChangedServers) {
        accounts.merge(more.accounts) { $0.merging($1) { $0 + $1 } }
    }

    /// A sentence for each change, however many accounts met it.
    var findings: [String] {
        accounts.flatMap { endpoint, changes in
            changes.map { words, accounts in
                let more = accounts.count > 1 ? " and \(accounts.count - 1) more" : ""
                let seen = accounts.min().map { " (\($0)\(more))" } ?? ""
                return "\(endpoint) is not as it was seen last: \(words)\(seen)."
            }
        }.sorted()
    }
}
