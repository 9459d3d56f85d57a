import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a person is told about a consent. Names from manifests and providers are cleaned.
package struct ConsentText: Sendable {
    let style: TextStyle

    package init(style: TextStyle) { self.style = style }

    /// What will be granted, to whom, and for what.
    package func intent(_ consent: ConsentRequest, _ number: Int, of total: Int) -> String {
        let count = total > 1 ? " (\(number) of \(total))" : ""
        var lines = [
            "", style.bold("\(consent.slot)\(count)"),
            "  who consents   \(ForeignText(consent.work.subject))",
            "  application    \(ForeignText(consent.client.clientID)), as \(consent.work.profile) declares it",
        ]
        if let host = consent.host { lines.append("  asked at       \(ForeignText(host))") }
        if !consent.accounts.isEmpty {
            lines.append("  for            \(consent.accounts.map(\.description).joined(separator: ", "))")
        }
        lines.append("  would allow    \(consent.client.scopes.isEmpty ? "what the provider grants by itself" : "")")
        for scope in consent.client.scopes { lines.append("    \(ForeignText(scope))") }
        return lines.map(Self.trimmed).joined(separator: "\n")
    }

    package func link(_ link: String, subject: String) -> String {
        "\nOpen this link in a browser, and sign in as \(ForeignText(subject)):\n\n\(link)\n"
    }

    var pasting: String {
        "The browser will end at a page that cannot be shown. That is as it should be: copy its address, from http to the end."
    }

    func forwarding(port: Int, host: String) -> String {
        "If the browser is on another machine than this one, first: ssh -L \(port):127.0.0.1:\(port) \(host)"
    }

    func waiting(port: Int, until: Timestamp) -> String {
        "Waiting on port \(port) of this machine until \(until). Or paste here the address that the browser ends at (it is not shown):"
    }

    func code(_ code: String, at place: String, until: Timestamp) -> String {
        "\nOpen \(place) on any device, and enter the code \(style.bold(code)). It is good until \(until)."
    }

    /// The link or the code alone on its line, so that it can be sent on.
    package func started(_ begun: BegunConsent) -> String {
        switch begun.ask {
        case .link(let link): link
        case .code(let code, let place, let complete):
            complete.map { "\($0)\n\(place)  \(code)" } ?? "\(place)  \(code)"
        }
    }

    func resuming(_ begun: BegunConsent, command: String) -> String {
        switch begun.ask {
        case .link:
            "Send the link to \(ForeignText(begun.request.work.subject)). Their browser will end at a page that cannot be shown: have them copy its address. It is good until \(begun.expires). Then, with that address on standard input or when asked:\n\n    \(command)"
        case .code:
            "Send both to \(ForeignText(begun.request.work.subject)). The code is good until \(begun.expires). This waits until it was entered:\n\n    \(command)"
        }
    }

    package func given(_ given: GivenConsent, apply command: String) -> String {
        let who = given.isVerified || given.doubt != nil ? "" : " (the provider does not say by whom)"
        return
            "\(style.green("Consent was given"))\(who), and is kept in the vault. It is put into service once a login has proven it:\n\n    \(command)"
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension BegunConsent {
    /// With the link or code: only for whoever asked for it.
    func json(resume command: String) -> JSON {
        let shared: [(String, JSON?)] = [
            ("type", "consent_started"), ("address", .string(request.slot.description)),
            ("subject", .string(request.work.subject)), ("expires", .string(expires.description)),
        ]
        let own: [(String, JSON?)] =
            switch ask {
            case .link(let link): [("link", .string(link))]
            case .code(let code, let place, let complete):
                [
                    ("code", .string(code)), ("verificationURI", .string(place)),
                    ("verificationURIComplete", complete.map(JSON.string)),
                ]
            }
        return .object(
            (shared + own + [("resume", .string(command))]).compactMap { name, value in value.map { .init(name, $0) } })
    }
}

extension GivenConsent {
    var json: JSON {
        .present(
            ("type", "consent_given"), ("address", .string(slot.description)), ("grant", .string(grant)),
            ("scopes", .array(scopes.map(JSON.string))), ("identityVerified", .boolean(isVerified)),
            ("identityDoubt", doubt.map { .string($0.code) }))
    }
}
