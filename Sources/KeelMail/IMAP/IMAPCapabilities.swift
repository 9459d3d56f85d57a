import KeelBase

/// What a server announced (RFC 9051 section 7.2.2); names do not depend on case.
struct IMAPCapabilities: Sendable, Equatable {
    /// As announced and in that order, without repetitions and without names that are no atoms.
    let names: [String]
    private let known: Set<String>

    /// The longest name and the largest number that are kept; more is not a server's honest list.
    private static let longestName = 64
    private static let mostNames = 256

    init(_ text: ArraySlice<UInt8>) {
        var names: [String] = []
        var known: Set<String> = []
        for word in text.split(separator: UInt8(ascii: " ")) {
            guard names.count < Self.mostNames else { break }
            guard word.count <= Self.longestName, let name = IMAPResponse.atom(word),
                known.insert(name.uppercased()).inserted
            else { continue }
            names.append(name)
        }
        self.names = names
        self.known = known
    }

    func contains(_ name: String) -> Bool { known.contains(name.uppercased()) }

    /// IMAP4rev2, which has many an extension of IMAP4rev1 built in (RFC 9051 appendix E).
    var isSecondRevision: Bool { contains("IMAP4rev2") }

    /// The SASL mechanisms, by name.
    var mechanisms: [String] {
        names.filter { $0.uppercased().hasPrefix("AUTH=") }.map { String($0.dropFirst(5)) }
    }
}
