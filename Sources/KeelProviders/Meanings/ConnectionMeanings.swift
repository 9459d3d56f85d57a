import KeelBase

extension Meaning {
    /// The meaning of a connection that was not made or broke.
    package static func of(_ failure: ConnectionFailure, endpoint: String) -> Meaning {
        switch failure {
        case .nameNotResolved(let host):
            Meaning(
                "the name \(host) has no address", .manifestAuthor,
                "check the spelling of the host, and the resolver of this machine")
        case .refused:
            Meaning(
                "nobody listens at \(endpoint)", .manifestAuthor,
                "if it worked before, the server is down, and its administrator has to act; else check host and port; a firewall can refuse too"
            )
        case .unreachable:
            Meaning("there is no route to \(endpoint)", .operatorHere, "check the network of this machine")
        case .timedOut:
            Meaning(
                "\(endpoint) did not answer in time", .nobody,
                "try again later; a firewall that drops packets looks the same")
        case .closed:
            Meaning("\(endpoint) closed the connection", .nobody, "try again later; if it stays, check host and port")
        case .tls(let reason): of(reason, endpoint: endpoint)
        case .injected:
            Meaning(
                "\(endpoint) sent more than its go-ahead for TLS: somebody on the way may be adding to what it says",
                .operatorHere,
                "nothing was sent over that connection; find out who sits between, or use connectionSecurity: tls")
        case .trustUnusable(let path, _):
            Meaning(
                "the certificate authorities in \(path) cannot be used", .operatorHere,
                "name a readable PEM file with certificates")
        case .proxy(let failure): of(failure, endpoint: endpoint)
        case .other:
            Meaning("the connection to \(endpoint) failed", .operatorHere, "read the system's words above")
        }
    }

    /// The variable that leads mail servers alone through a proxy, and over which `NO_PROXY` has no say.
    private static let mailProxy = "MAILKEEL_MAIL_PROXY"

    private static func of(_ failure: ProxyFailure, endpoint: String) -> Meaning {
        let proxy = (failure.address.map { "\($0), " } ?? "") + "which \(failure.variable) names"
        let isMailProxy = failure.variable == mailProxy
        return switch failure.trouble {
        case .unusable(let reason):
            Meaning(
                "\(failure.variable) holds no proxy that can be used: \(reason)", .operatorHere,
                "write it as http://HOST:PORT or socks5://HOST:PORT, or unset it")
        case .unreached:
            Meaning(
                "the proxy \(proxy), was not reached", .operatorHere,
                "check \(failure.variable) and the proxy; "
                    + (isMailProxy
                        ? "\(mailProxy)=none connects directly" : "NO_PROXY names the hosts that need none"))
        case .authenticationWanted:
            Meaning(
                "the proxy \(proxy), wants a user name and a password, or others", .operatorHere,
                "write them into \(failure.variable) before the host, as USER:PASSWORD@HOST:PORT, percent-encoded")
        case .refused, .replied:
            Meaning(
                "the proxy \(proxy), does not let Mailkeel through to \(endpoint)", .operatorHere,
                "let the proxy's administrator allow \(endpoint), or "
                    + (isMailProxy ? "set \(mailProxy) to none" : "name its host in NO_PROXY"))
        case .beyond(let inner):
            Meaning(
                "the proxy \(proxy), did not reach \(endpoint): \(inner.observation)",
                of(inner, endpoint: endpoint).responsible,
                "check host and port, and whether they can be reached from where the proxy is")
        }
    }

    private static func of(_ failure: TLSFailure, endpoint: String) -> Meaning {
        switch failure {
        case .expired:
            Meaning(
                "the certificate of \(endpoint) has expired", .tenantAdministrator,
                "renew the certificate there; Mailkeel has no switch that turns verification off")
        case .notYetValid:
            Meaning(
                "the certificate of \(endpoint) is not valid yet", .tenantAdministrator,
                "check the clocks on both sides")
        case .untrustedIssuer:
            Meaning(
                "the certificate of \(endpoint) comes from an authority that is not trusted here", .operatorHere,
                "if it is your own authority, name its certificate in tls.caFile or MAILKEEL_CA_FILE; if not, somebody may be in between"
            )
        case .wrongName:
            Meaning(
                "the certificate of \(endpoint) was made for other names", .manifestAuthor,
                "use a name that the certificate holds")
        case .wrongKey:
            Meaning(
                "the certificate of \(endpoint) is good, but its key is not the one in tls.pin", .manifestAuthor,
                "if the server got a new key, ask its administrator for it and change tls.pin; if not, somebody may be in between"
            )
        case .handshake:
            Meaning(
                "\(endpoint) did not complete a TLS handshake", .manifestAuthor,
                "check port and connectionSecurity; a port for STARTTLS or clear text answers like this")
        }
    }
}

extension Meaning {
    /// One of each, as of a server without a name.
    package static var connectionFailures: [(code: String, meaning: Meaning)] {
        let text = ForeignText("")
        let now = Timestamp(seconds: 0)
        let tls: [TLSFailure] = [
            .expired(subject: text, notAfter: now), .notYetValid(subject: text, notBefore: now),
            .untrustedIssuer(issuer: text), .wrongName(expected: "", presented: []),
            .wrongKey(pinned: "", presented: ""), .handshake(text),
        ]
        let proxy: [ProxyFailure.Trouble] = [
            .unusable("the message says why"), .unreached(.refused), .authenticationWanted, .refused(status: nil),
            .beyond(.refused),
        ]
        let failures: [ConnectionFailure] =
            [
                .nameNotResolved(host: "of the server"), .refused, .unreachable, .timedOut, .closed,
                .injected(bytes: 1),
                .trustUnusable(path: "the file", text), .other(text),
            ]
            + tls.map { .tls($0) } + proxy.map { .proxy(ProxyFailure($0, variable: "a variable")) }
        return failures.map { ($0.code, of($0, endpoint: "the server")) }
    }
}

extension ConnectionFailure {
    /// A stable code for machines.
    package var code: String {
        switch self {
        case .nameNotResolved: "name_not_resolved"
        case .refused: "connection_refused"
        case .unreachable: "network_unreachable"
        case .timedOut: "timed_out"
        case .closed: "connection_closed"
        case .tls(.expired): "certificate_expired"
        case .tls(.notYetValid): "certificate_not_yet_valid"
        case .tls(.untrustedIssuer): "certificate_untrusted"
        case .tls(.wrongName): "certificate_wrong_name"
        case .tls(.wrongKey): "certificate_wrong_key"
        case .tls(.handshake): "tls_handshake"
        case .injected: "injected_before_tls"
        case .trustUnusable: "trust_unusable"
        case .proxy(let failure):
            switch failure.trouble {
            case .unusable: "proxy_unusable"
            case .unreached: "proxy_unreached"
            case .authenticationWanted: "proxy_authentication"
            case .refused, .replied: "proxy_refused"
            case .beyond: "proxy_did_not_reach"
            }
        case .other: "connection_failed"
        }
    }

    /// What was seen on the wire, in words.
    package var observation: ForeignText {
        switch self {
        case .nameNotResolved(let host): ForeignText("no address for \(host)")
        case .refused: ForeignText("connection refused")
        case .unreachable: ForeignText("network unreachable")
        case .timedOut: ForeignText("no answer in time")
        case .closed: ForeignText("connection closed by the peer")
        case .tls(.expired(let subject, let end)): ForeignText("certificate \(subject) expired at \(end)")
        case .tls(.notYetValid(let subject, let start)):
            ForeignText("certificate \(subject) is valid only from \(start)")
        case .tls(.untrustedIssuer(let issuer)): ForeignText("certificate issued by \(issuer)")
        case .tls(.wrongName(let expected, let names)):
            ForeignText("asked for \(expected), the certificate is for \(names.map(\.text).joined(separator: ", "))")
        case .tls(.wrongKey(let pinned, let presented)):
            ForeignText("pinned \(pinned), presented \(presented)")
        case .injected(let count): ForeignText("\(count) bytes before the handshake")
        case .proxy(let failure):
            switch failure.trouble {
            case .unusable(let reason): ForeignText(reason)
            case .unreached(let inner): inner.observation
            case .authenticationWanted: ForeignText("the proxy wants a login")
            case .replied(let reply): ForeignText("the proxy answered \(reply)")
            case .beyond(let inner): inner.observation
            case .refused(let status): ForeignText("the proxy answered \(status.map { "\($0)" } ?? "with a refusal")")
            }
        case .tls(.handshake(let words)), .trustUnusable(_, let words), .other(let words): words
        }
    }
}
