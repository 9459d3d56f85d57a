import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelVault

/// The vault's status in words: a block of facts, then what needs somebody's attention.
package struct VaultStatusText {
    private let status: VaultStatus
    private let style: TextStyle
    /// How many of a kind are named one by one.
    private static let most = 20

    package init(_ status: VaultStatus, _ style: TextStyle) {
        self.status = status
        self.style = style
    }

    package var text: String {
        let sections = [facts, quarantine, verification] + attention
        return sections.compactMap(\.self).joined(separator: "\n")
    }

    private var facts: String? {
        let (facts, snapshot) = (status.facts, status.snapshot)
        let made = facts.created.map { ", made \($0)" } ?? ""
        let purgeable = status.purgeable > 0 ? " (\(status.purgeable) old enough to be purged)" : ""
        let last = facts.lastAudit.map { ", the last of \($0)" } ?? ""
        let rows = [
            ("Vault", TerminalText.clean(status.path)), ("Id", snapshot.vault), ("Format", "\(facts.format)\(made)"),
            ("Key", key),
            ("Size", "\(counted(facts.size, "byte")), and \(counted(status.logSize, "byte")) in its log"),
            (
                "Grants",
                "\(status.count(.current)) in service, \(counted(status.count(.candidate), "candidate")), \(status.count(.retired)) retired\(purgeable)"
            ),
            ("Secrets", "\(facts.secrets)"), ("Audit", "\(facts.auditLength) entries\(last)"),
        ]
        return rows.map { name, value in
            style.bold(name.padded(to: 9)) + value + "\n"
        }.joined()
    }

    private var key: String {
        let keys = status.facts.keys
        let derivation = keys.current.flatMap { keys.derivations[$0] }
        let origin = derivation.map { ", from a passphrase (\($0.words))" } ?? ""
        let current = (keys.current?.description ?? "unknown") + origin
        guard !keys.retiring.isEmpty else { return current }
        let former = keys.retiring.map(\.description).joined(separator: ", ")
        return style.yellow("\(current); a part is still under \(former): mailkeel vault rekey goes on with it")
    }

    private var quarantine: String? {
        guard let quarantine = status.snapshot.quarantine else { return nil }
        var lines = [style.red("QUARANTINED: \(quarantine.words).")]
        if !quarantine.behind.isEmpty {
            lines.append("The vault that it replaced had newer tokens of:")
            lines += listed(quarantine.behind) { id in "\(id)\(slot(of: id).map { " (\($0))" } ?? "")" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var verification: String? {
        guard let verification = status.verification else { return nil }
        let sound = "\(verification.sound) values and codes are as they were written"
        guard !verification.findings.isEmpty else { return style.green("Verified: \(sound).") + "\n" }
        let head = style.red("\(counted(verification.findings.count, "finding")); \(sound):")
        return section(head, listed(verification.findings) { $0 })
    }

    // MARK: What needs attention

    private var attention: [String?] {
        [
            section(
                "Cannot be renewed:",
                listed(status.troubled) { grant in
                    let retry = grant.renewalDue.map { "next try \($0)" } ?? "not tried again before somebody acts"
                    return
                        "\(name(grant)): \(grant.renewalProblem ?? ""), \(counted(grant.renewalFailures, "failure")), \(retry)"
                }),
            section(
                "Due for renewal:", listed(status.due) { "\(name($0)), since \($0.renewalDue?.description ?? "")" }),
            section(
                "Near the end of their life, unless they are used before:",
                listed(status.nearHorizon) { "\(name($0)), until \($0.refreshHorizon?.description ?? "")" }),
            section(
                "Waiting for a person:",
                listed(status.snapshot.flows) { flow in
                    "\(name(flow.draft.profile, flow.draft.subject)) (\(flow.draft.kind.rawValue)), until \(flow.draft.expires)"
                }),
            section(
                "Begun, and not ended (under way now, or cut off):",
                listed(status.snapshot.intents) { intent in
                    "\(name(intent.profile, intent.subject)), \(intent.created): if it was cut off, \(VaultStatus.meaning(of: intent))"
                }),
            section(
                "Still to be revoked:",
                listed(status.snapshot.tombstones) { tombstone in
                    let next = tombstone.nextAttempt.map { "next try \($0)" } ?? "not tried again before somebody acts"
                    return
                        "\(slot(of: tombstone.grant) ?? tombstone.grant.text) at \(TerminalText.clean(tombstone.endpoint)): \(tombstone.problem), \(counted(tombstone.attempts, "attempt")), \(next)"
                }),
            section(
                "Endpoints in trouble:",
                listed(status.facts.endpoints) { endpoint in
                    let until =
                        status.openEndpoints.contains(endpoint)
                        ? endpoint.openUntil.map { ", not asked before \($0)" } : nil
                    return
                        "\(TerminalText.clean(endpoint.endpoint)): \(endpoint.problem), \(counted(endpoint.failures, "failure")) in a row\(until ?? "")"
                }),
        ]
    }

    private func section(_ head: String, _ lines: [String]) -> String? {
        lines.isEmpty ? nil : ([head] + lines).map { $0 + "\n" }.joined()
    }

    private func listed<Element>(_ elements: [Element], _ words: (Element) -> String) -> [String] {
        let more = elements.count - Self.most
        return elements.prefix(Self.most).map { "  \(words($0))" } + (more > 0 ? ["  and \(more) more"] : [])
    }

    private func slot(of grant: GrantID) -> String? { status.snapshot.grants[grant].map(name) }

    private func name(_ grant: GrantRecord) -> String { name(grant.profile, grant.subject) }

    private func name(_ profile: String, _ subject: String) -> String { TerminalText.clean("\(profile):\(subject)") }
}

extension String {
    /// The same, at least that wide.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
