import KeelBase
import KeelCrypto

/// The random name of a pending consent.
package struct FlowID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    static func random() -> FlowID { FlowID(unchecked: RandomIdentifier.make()) }

    /// Reads an id; nil if it holds anything that no id of ours has.
    package init?(parsing text: String) {
        guard let plain = GrantID(parsing: text) else { return nil }
        self.text = plain.text
    }

    private init(unchecked text: String) { self.text = text }

    package var description: String { text }
}

/// A consent that waits for a person, as it is about to be kept.
package struct FlowDraft: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// An authorization code comes back by a redirect.
        case code
        /// The person types a code elsewhere, and we poll (RFC 8628).
        case device
    }

    package var kind: Kind
    package var profile: String
    package var subject: String
    /// As in a `GrantDraft`: a consent that another client asked for is none of this one's.
    package var clientDigest: String
    package var run: String
    /// From then on nobody can finish it.
    package var expires: Timestamp

    package init(
        kind: Kind, profile: String, subject: String, clientDigest: String, run: String, expires: Timestamp
    ) {
        self.kind = kind
        self.profile = profile
        self.subject = subject
        self.clientDigest = clientDigest
        self.run = run
        self.expires = expires
    }
}

/// A consent that waits for a person: what may be known of it without any key.
package struct Flow: Sendable, Hashable {
    package let id: FlowID
    package let draft: FlowDraft
    package let created: Timestamp
}

/// A consent with what finishes it.
package struct OpenedFlow: Sendable {
    package let flow: Flow
    /// What its owner kept: verifier and `state`, or the device code.
    package let payload: Secret
}
