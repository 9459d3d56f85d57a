import KeelBase
import KeelDiagnostics

/// Checks the moves and removals against the declarations and each other, and follows chains to their ends.
struct RefactoringResolver {
    private let declarations: Declarations
    /// Where each declared resource's name stands.
    private var declared: [ResourceAddress: SourceRange] = [:]
    /// The moves that can be followed, by where they start.
    private var next: [ResourceAddress: DeclaredMove] = [:]
    private var cyclic: Set<ResourceAddress> = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ declarations: Declarations) { self.declarations = declarations }

    mutating func resolve() -> Refactoring {
        guard !declarations.moves.isEmpty || !declarations.removals.isEmpty else { return Refactoring() }
        for account in declarations.accounts where declared[account.address] == nil {
            declared[account.address] = account.name.range
        }
        for profile in declarations.profiles where declared[profile.address] == nil {
            declared[profile.address] = profile.name.range
        }
        let moves = followable()
        checkCollisions(moves)
        let ends = resolveEnds(moves)
        let removals = uniqueRemovals()
        checkDeclared(moves, removals)
        checkRemovals(removals, moves)
        return Refactoring(
            moves: moves.compactMap { move in
                ends[move.from.value].map { Move(from: move.from.value, to: $0, place: move.from.range) }
            }.sorted { $0.from < $1.from },
            removals: removals.map { Removal(address: $0.address.value, place: $0.address.range) }
                .sorted { $0.address < $1.address })
    }

    // MARK: Moves

    /// The moves that lead from one address to another of its kind, one for each start; `next` finds them.
    private mutating func followable() -> [DeclaredMove] {
        var moves: [DeclaredMove] = []
        for move in declarations.moves {
            let from = move.from.value
            let to = move.to.value
            if from == to {
                report(
                    "manifest.move-to-itself", "\(from) is moved to itself", move.to.range, from,
                    help: "correct one of the addresses, or remove the document")
            } else if from.kind != to.kind {
                report(
                    "manifest.move-between-kinds", "\(from) cannot become \(to): the kinds differ", move.to.range, from,
                    help: "a move is a rename; write to: \(from.kind.rawValue)/NAME")
            } else if let earlier = next[from] {
                report(
                    "manifest.duplicate-move", "\(from) is moved twice", move.from.range, from,
                    notes: [.init("it is first moved here, to \(earlier.to.value)", at: earlier.from.range)],
                    help: "remove one of the documents")
            } else {
                next[from] = move
                moves.append(move)
            }
        }
        return moves
    }

    private mutating func checkCollisions(_ moves: [DeclaredMove]) {
        var first: [ResourceAddress: DeclaredMove] = [:]
        for move in moves {
            let to = move.to.value
            if let earlier = first[to] {
                report(
                    "manifest.move-collision", "two resources are moved to \(to)", move.to.range, move.from.value,
                    notes: [.init("\(earlier.from.value) is moved there too", at: earlier.to.range)],
                    help: "one address holds one resource; correct or remove one of the documents")
            } else {
                first[to] = move
            }
        }
    }

    /// Where each move leads in the end. Moves in a cycle, and those that lead into one, have no end.
    private mutating func resolveEnds(_ moves: [DeclaredMove]) -> [ResourceAddress: ResourceAddress] {
        var ends: [ResourceAddress: ResourceAddress] = [:]
        var walked: Set<ResourceAddress> = []
        for start in moves {
            var path: [DeclaredMove] = []
            var place = start.from.value
            while let move = next[place], walked.insert(place).inserted {
                path.append(move)
                place = move.to.value
            }
            if let entry = path.firstIndex(where: { $0.from.value == place }) {
                reportCycle(path[entry...])
            } else if let end = next[place] == nil ? place : ends[place] {
                for move in path { ends[move.from.value] = end }
            }
        }
        return ends
    }

    private mutating func reportCycle(_ moves: ArraySlice<DeclaredMove>) {
        guard let first = moves.first else { return }
        cyclic.formUnion(moves.map(\.from.value))
        let names = moves.map(\.from.value.description) + [first.from.value.description]
        report(
            "manifest.move-cycle", "these moves lead back to where they begin: \(names.joined(separator: " -> "))",
            first.from.range, first.from.value,
            notes: moves.dropFirst().map { .init("\($0.from.value) moves on to \($0.to.value)", at: $0.from.range) },
            help: "remove one of the documents; to swap two names, apply a move to a third name first")
    }

    /// What is moved away must be gone, and what it becomes must be there.
    private mutating func checkDeclared(_ moves: [DeclaredMove], _ removals: [DeclaredRemoval]) {
        let onward = Set(declarations.moves.map(\.from.value)).union(removals.map(\.address.value))
        for move in moves where !cyclic.contains(move.from.value) {
            let from = move.from.value
            let to = move.to.value
            if let place = declared[from] {
                report(
                    "manifest.moved-still-declared", "\(from) is moved to \(to), and still declared", move.from.range,
                    from,
                    notes: [.init("it is declared here", at: place)],
                    help: "rename the resource to \(quoted(to.name)), or remove the document")
            }
            guard declared[to] == nil, !onward.contains(to), !mayBeDeclared(to) else { continue }
            let names = declared.count <= 200 ? declared.keys.filter { $0.kind == to.kind }.map(\.name).sorted() : []
            report(
                "manifest.unknown-reference", "\(from) is moved to \(to), which is not declared", move.to.range, from,
                help: Suggestion.nearest(to: to.name, among: names).map {
                    "did you mean \"\(to.kind.rawValue)/\($0)\"?"
                }
                    ?? "declare it, or write kind: Removed if it shall no longer be managed")
        }
    }

    /// Whether a manifest that could not be read may declare it, or move it on.
    private func mayBeDeclared(_ address: ResourceAddress) -> Bool {
        declarations.hasNamelessLoss || declarations.hasRefusedMove || declarations.lostNames.contains(address.name)
            || (address.kind == .emailAccount && declarations.mayBeLostInSet(address.name))
    }

    // MARK: Removals

    private mutating func uniqueRemovals() -> [DeclaredRemoval] {
        var first: [ResourceAddress: SourceRange] = [:]
        var kept: [DeclaredRemoval] = []
        for removal in declarations.removals {
            let address = removal.address.value
            if let earlier = first[address] {
                report(
                    "manifest.duplicate-removal", "\(address) is removed twice", removal.address.range, address,
                    notes: [.init("it is first removed here", at: earlier)], help: "remove one of the documents")
            } else {
                first[address] = removal.address.range
                kept.append(removal)
            }
        }
        return kept
    }

    private mutating func checkRemovals(_ removals: [DeclaredRemoval], _ moves: [DeclaredMove]) {
        guard !removals.isEmpty else { return }
        let arriving = Dictionary(moves.map { ($0.to.value, $0) }, uniquingKeysWith: { first, _ in first })
        for removal in removals {
            let address = removal.address.value
            if let place = declared[address] {
                report(
                    "manifest.removed-still-declared", "\(address) is removed, and still declared",
                    removal.address.range, address, notes: [.init("it is declared here", at: place)],
                    help: "remove its declaration, or this document")
            } else if let move = next[address] {
                report(
                    "manifest.removed-and-moved", "\(address) is both removed and moved", removal.address.range,
                    address,
                    notes: [.init("it is moved to \(move.to.value) here", at: move.from.range)],
                    help: "remove one of the documents")
            } else if let move = arriving[address] {
                report(
                    "manifest.removed-and-moved", "\(address) is removed, but \(move.from.value) is moved there",
                    removal.address.range, address, notes: [.init("it is moved here", at: move.to.range)],
                    help: "remove the move; where \(move.from.value) may still be committed, remove that address too")
            }
        }
    }

    private mutating func report(
        _ code: String, _ message: String, _ place: SourceRange, _ address: ResourceAddress,
        notes: [Diagnostic.Note] = [], help: String
    ) {
        diagnostics.append(Diagnostic(.error, code, message, at: place, notes: notes, help: help, address: address))
    }
}
