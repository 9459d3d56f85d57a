import KeelBase

/// Something about a server that is not what it was when it was seen last. Nobody asked for it, and it need not be wrong.
package struct ObservedChange: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case mechanismGone = "mechanism_gone"
        case mechanismNew = "mechanism_new"
        case capabilityGone = "capability_gone"
        case capabilityNew = "capability_new"
        case capabilityChanged = "capability_changed"
        case tlsVersion = "tls_version"
        case certificateRenewed = "certificate_renewed"
        /// By another authority than before.
        case certificateReplaced = "certificate_replaced"
        /// The leaf is the same, and what vouches for it is not.
        case chainChanged = "certificate_chain"
    }

    package let kind: Kind
    /// What it is now, in words, without a full stop: `AUTH=PLAIN is gone`.
    package let words: String

    init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }
}

extension ObservedFacts {
    /// What changed since `earlier` was seen. What one of the two did not observe did not change.
    package func changes(from earlier: ObservedFacts) -> [ObservedChange] {
        var changes: [ObservedChange] = []
        if let offer, let old = earlier.offer { changes += offer.changes(from: old) }
        if let tls, let old = earlier.tls { changes += tls.changes(from: old) }
        return changes
    }
}

extension ObservedFacts.Offer {
    fileprivate func changes(from old: Self) -> [ObservedChange] {
        let gone = old.mechanisms.filter { !mechanisms.contains($0) }
        let new = mechanisms.filter { !old.mechanisms.contains($0) }
        return gone.map { ObservedChange(.mechanismGone, "AUTH=\($0) is gone") }
            + new.map { ObservedChange(.mechanismNew, "AUTH=\($0) is new") }
            + Self.changes(of: plainCapabilities, from: old.plainCapabilities)
    }

    /// The capabilities that are no list of mechanisms, by their first word. What a server says twice counts once.
    private var plainCapabilities: [(name: String, text: String)] {
        var seen: Set<String> = []
        return capabilities.compactMap { text in
            let name = text.prefix { $0 != " " }.uppercased()
            let isOfMechanisms = name == "AUTH" || name == "SASL" || name.hasPrefix("AUTH=")
            return isOfMechanisms || !seen.insert(name).inserted ? nil : (name, text)
        }
    }

    private static func changes(
        of new: [(name: String, text: String)], from old: [(name: String, text: String)]
    ) -> [ObservedChange] {
        let before = Dictionary(old.map { ($0.name, $0.text) }) { first, _ in first }
        let after = Set(new.map(\.name))
        let gone = old.filter { !after.contains($0.name) }.map { ObservedChange(.capabilityGone, "\($0.name) is gone") }
        return gone
            + new.compactMap { name, text in
                guard let was = before[name] else { return ObservedChange(.capabilityNew, "\(text) is new") }
                guard was.uppercased() != text.uppercased() else { return nil }
                return ObservedChange(.capabilityChanged, "\(text), which was \(was)")
            }
    }
}

extension TLSFacts {
    fileprivate func changes(from old: TLSFacts) -> [ObservedChange] {
        var changes: [ObservedChange] = []
        if version != old.version {
            changes.append(ObservedChange(.tlsVersion, "\(version.rawValue), which was \(old.version.rawValue)"))
        }
        guard let leaf = chain.first, let oldLeaf = old.chain.first else { return changes }
        guard leaf == oldLeaf else { return changes + [leaf.change(from: oldLeaf)] }
        if chain.map(\.keyHash) != old.chain.map(\.keyHash) {
            changes.append(ObservedChange(.chainChanged, "the certificates above the server's changed"))
        }
        return changes
    }
}

extension CertificateFacts {
    fileprivate func change(from old: CertificateFacts) -> ObservedChange {
        let key = keyHash == old.keyHash ? "the same key" : "a new key"
        guard issuer != old.issuer else {
            return ObservedChange(.certificateRenewed, "certificate renewed with \(key), now until \(notAfter)")
        }
        return ObservedChange(
            .certificateReplaced,
            "certificate replaced with \(key), issued by \(issuer), which was \(old.issuer); now until \(notAfter)")
    }
}
