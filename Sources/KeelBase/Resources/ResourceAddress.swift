/// What kind of thing an address names.
package enum ResourceKind: String, Sendable, CaseIterable, Comparable {
    case oauthProfile = "OAuthProfile"
    /// Derived from the accounts that need it, never written in a manifest.
    case authorization = "Authorization"
    case emailAccount = "EmailAccount"

    /// The order in which kinds depend on each other and are shown.
    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .oauthProfile: 0
        case .authorization: 1
        case .emailAccount: 2
        }
    }
}

/// The name of a resource: `EmailAccount/support-in`, `Authorization/m365:(app)`.
package struct ResourceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let kind: ResourceKind
    package let name: String

    package init(_ kind: ResourceKind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// Reads `Kind/name`; nil if the kind is unknown or the name is empty.
    package init?(parsing text: String) {
        guard let slash = text.firstIndex(of: "/"),
            let kind = ResourceKind(rawValue: String(text[..<slash]))
        else { return nil }
        let name = text[text.index(after: slash)...]
        guard !name.isEmpty else { return nil }
        self.init(kind, String(name))
    }

    /// The slot that accounts with this profile and subject share.
    package static func authorization(profile: String, subject: String) -> ResourceAddress {
        ResourceAddress(.authorization, "\(profile):\(subject)")
    }

    package var description: String { "\(kind.rawValue)/\(name)" }

    package static func < (left: Self, right: Self) -> Bool {
        left.kind == right.kind ? left.name < right.name : left.kind < right.kind
    }
}
