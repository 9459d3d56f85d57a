import KeelBase

/// What a server announced in its answer to `EHLO` (RFC 5321 section 4.1.1.1); names do not depend on case.
struct SMTPExtensions: Sendable, Equatable {
    /// As announced, each with its parameters, without what is not printable.
    let names: [String]
    /// The SASL mechanisms, by name.
    let mechanisms: [String]
    private let known: Set<String>

    private static let longestLine = 512
    private static let mostMechanisms = 64

    /// Those of a server that knows none.
    init() {
        names = []
        mechanisms = []
        known = []
    }

    /// The first line of the answer greets and announces nothing.
    init(_ reply: SMTPReply) {
        var names: [String] = []
        var mechanisms: [String] = []
        var known: Set<String> = []
        for text in reply.texts.dropFirst()
        where text.count <= Self.longestLine && text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            let line = String(decoding: text, as: UTF8.self)
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            names.append(words.joined(separator: " "))
            known.insert(first.uppercased())
            var offered: [String] = []
            if first.uppercased() == "AUTH" { offered = Array(words.dropFirst()) }
            // An old spelling, for clients older than RFC 2554.
            if first.uppercased().hasPrefix("AUTH=") { offered = [String(first.dropFirst(5))] + words.dropFirst() }
            for name in offered
            where !name.isEmpty && !mechanisms.contains(name) && mechanisms.count < Self.mostMechanisms {
                mechanisms.append(name)
            }
        }
        self.names = names
        self.mechanisms = mechanisms
        self.known = known
    }

    func contains(_ keyword: String) -> Bool { known.contains(keyword) }
}
