import KeelBase

/// One line for each stage of a report.
enum Evidence {
    /// The version, then what the server's certificate says of itself.
    static func of(_ facts: TLSFacts) -> String {
        guard let leaf = facts.chain.first else { return facts.version.rawValue }
        return "\(facts.version.rawValue), \(leaf.subject), until \(leaf.notAfter), issued by \(leaf.issuer)"
    }

    static func of(_ stage: ProbeStage, _ evidence: ProbeEvidence, _ ending: ProbeReport.Ending) -> String {
        switch stage {
        case .greeting: evidence.greeting.text
        case .tls: evidence.tls.map(of) ?? ""
        case .capability: capabilities(evidence)
        case .auth: login(evidence)
        case .proof: if case .proven(let proof) = ending { proof.command } else { "" }
        case .dns, .tcp: ""
        }
    }

    private static func capabilities(_ evidence: ProbeEvidence) -> String {
        let mechanisms = evidence.offer?.mechanisms ?? []
        let known = ForeignText(evidence.capabilities.joined(separator: " ")).text
        let login = mechanisms.isEmpty ? "no mechanisms" : "login by " + mechanisms.joined(separator: " ")
        return ForeignText(known.isEmpty ? login : "\(login); \(known)").text
    }

    private static func login(_ evidence: ProbeEvidence) -> String {
        let method = evidence.method?.rawValue ?? ""
        guard let answer = evidence.acceptance else { return method }
        return "\(method): \(answer)"
    }

    static func of(_ ending: ProbeReport.Ending) -> String {
        switch ending {
        case .proven(let proof): proof.command
        case .refused(let failure): failure.description
        case .broken(let failure): of(failure)
        }
    }

    /// What happened, without what it may mean: that is a catalogue's to say.
    static func of(_ failure: ConnectionFailure) -> String {
        switch failure {
        case .nameNotResolved(let host): "\(ForeignText(host)) has no address"
        case .refused: "connection refused"
        case .unreachable: "network unreachable"
        case .timedOut: "timed out"
        case .closed: "the connection was closed"
        case .tls(let failure): of(failure)
        case .injected(let bytes): "\(bytes) bytes stood between the go-ahead and TLS"
        case .trustUnusable(let path, let words): "\(ForeignText(path)): \(words)"
        case .proxy(let failure): of(failure)
        case .other(let words): words.text
        }
    }

    private static func of(_ failure: TLSFailure) -> String {
        switch failure {
        case .expired(let subject, let end): "the certificate of \(subject) expired at \(end)"
        case .notYetValid(let subject, let start): "the certificate of \(subject) is not valid before \(start)"
        case .untrustedIssuer(let issuer): "no path leads from \(issuer) to a trusted root"
        case .wrongName(let expected, let presented):
            "the certificate is not for \(ForeignText(expected)) but for "
                + (presented.isEmpty ? "nobody" : presented.prefix(4).map(\.text).joined(separator: ", "))
        case .wrongKey(let pinned, let presented): "the key is \(presented), not the pinned \(pinned)"
        case .handshake(let words): words.text
        }
    }

    private static func of(_ failure: ProxyFailure) -> String {
        let proxy = failure.address.map { "the proxy \($0)" } ?? "the proxy of \(failure.variable)"
        return switch failure.trouble {
        case .unusable(let words): "\(failure.variable): \(words)"
        case .unreached(let reason): "\(proxy) was not reached: \(of(reason))"
        case .authenticationWanted: "\(proxy) wants a login"
        case .refused(let status): "\(proxy) refused" + (status.map { " with status \($0)" } ?? "")
        case .replied(let words): "\(proxy) refused: \(ForeignText(words))"
        case .beyond(let reason): "\(proxy) did not reach it: \(of(reason))"
        }
    }
}
