import KeelBase
import KeelDiagnostics

/// What the manifests say about addresses that were committed, checked and with chains followed to their ends.
package struct Refactoring: Sendable, Equatable {
    /// In order of `from`, which no two share.
    package let moves: [Move]
    /// In order of their addresses.
    package let removals: [Removal]

    package init(moves: [Move] = [], removals: [Removal] = []) {
        self.moves = moves
        self.removals = removals
    }
}

/// What is committed at `from` goes on at `to`.
package struct Move: Sendable, Equatable {
    package let from: ResourceAddress
    /// The end of the chain, if other moves lead on.
    package let to: ResourceAddress
    /// Where `from` is written.
    package let place: SourceRange

    package init(from: ResourceAddress, to: ResourceAddress, place: SourceRange) {
        self.from = from
        self.to = to
        self.place = place
    }
}

/// What is committed at the address is no longer managed, and not destroyed.
package struct Removal: Sendable, Equatable {
    package let address: ResourceAddress
    /// Where the address is written.
    package let place: SourceRange

    package init(address: ResourceAddress, place: SourceRange) {
        self.address = address
        self.place = place
    }
}
