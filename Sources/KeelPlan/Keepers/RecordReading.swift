import KeelBase

/// What a keeper says of one record.
package enum RecordReading: Sendable, Equatable {
    /// Nobody asked.
    case notObserved
    case absent
    case present(KeptRecord)
    /// It could not be read, which says nothing about whether it is there.
    case unreadable(String)
    /// Several records fit; none may be taken.
    case ambiguous([String])
}

/// A record as its keeper gives it.
package struct KeptRecord: Sendable, Equatable {
    /// One field of it.
    package enum Field: Sendable, Equatable {
        case known(FieldValue)
        /// Missing in the answer: another version of the keeper, or hidden from this client. Never a difference.
        case unknown
        /// It can be written and never read back.
        case writeOnly
    }

    /// Ids and versions at the keeper, by name.
    package var external: [String: String]
    package var fields: [String: Field]

    package init(external: [String: String], fields: [String: Field]) {
        self.external = external
        self.fields = fields
    }
}
