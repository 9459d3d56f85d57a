import KeelBase

/// Ordered writes that together make one record at a keeper. Each is noted as intended before it is sent and as done,
/// with the ids that came back, after it: a run that dies in between leaves nothing that nobody knows of.
package struct StageWork: Sendable, Equatable {
    package let keeper: String
    package let writes: [KeeperWrite]

    package init(keeper: String, writes: [KeeperWrite]) {
        self.keeper = keeper
        self.writes = writes
    }
}

/// One write at a keeper.
package struct KeeperWrite: Sendable, Equatable {
    /// Its name within the record: `account`, `secret`, `scope mail.read`.
    package let id: String
    package let fields: [String: FieldValue]
    /// Whether doing it twice does no harm. Others are looked up before they are repeated.
    package let isRepeatable: Bool

    package init(id: String, fields: [String: FieldValue], isRepeatable: Bool) {
        self.id = id
        self.fields = fields
        self.isRepeatable = isRepeatable
    }
}

/// Something that a keeper is asked to do with a record: to authorize its account, or to prove it.
package struct KeeperWork: Sendable, Equatable {
    package let keeper: String
    package let needsPerson: PersonNeed

    package init(keeper: String, needsPerson: PersonNeed = .none) {
        self.keeper = keeper
        self.needsPerson = needsPerson
    }
}

/// What a record must be like when it is read back.
package struct VerifyRecordWork: Sendable, Equatable {
    package let keeper: String
    package let fields: [String: FieldValue]

    package init(keeper: String, fields: [String: FieldValue]) {
        self.keeper = keeper
        self.fields = fields
    }
}
