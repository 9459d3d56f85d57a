/// What a keeper forbids beyond what providers do, for lint; part of its capabilities.
package struct KeeperRules: Sendable, Equatable {
    /// One account for sending may be active at a time, and all mail leaves through it.
    package var oneActiveSender: Bool
    /// What is read is deleted, so a mailbox has one reader.
    package var exclusiveMailbox: Bool

    package init(oneActiveSender: Bool = false, exclusiveMailbox: Bool = false) {
        self.oneActiveSender = oneActiveSender
        self.exclusiveMailbox = exclusiveMailbox
    }
}
