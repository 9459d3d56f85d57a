import KeelModel
import KeelTestSupport

/// A project with mistakes of which it is known where each one stands and what it is called.
///
/// No mistake hides another one: that is what makes it possible to say what exactly must come out.
struct PlantedProject {
    private(set) var files: [(path: String, text: String)] = []
    /// `accounts/a.yaml:3:5 manifest.bad-value`, in the order in which they must be shown.
    private(set) var expected: [String] = []
    /// The classes of mistakes that were planted, with their fields.
    private(set) var planted: Set<String> = []

    private var random: SeededGenerator
    private var project: SoundProject
    private var appended: [Int: (marked: String, code: String)] = [:]
    /// Whether manifests are lost whose names nobody knows: then no reference is called unknown.
    private let hidesReferences: Bool
    private var count = 0
    private var mistakesInTable = 0

    static let seeds = 1...100
    private static let most = 40

    /// Every class of mistake with every field that can have it.
    private static let deck: [Card] =
        (AccountField.allCases.map { ("EmailAccount", $0.definition) }
        + ProfileField.allCases.map { ("OAuthProfile", $0.definition) })
        .flatMap { kind, definition in
            FieldMistake.allCases.filter { $0.concerns(definition) }.map { Card.field($0, kind, definition) }
        }
        + ResourceMistake.allCases.map(Card.resource)

    private enum Card {
        case field(FieldMistake, String, FieldDefinition)
        case resource(ResourceMistake)

        var name: String {
            switch self {
            case .field(let mistake, let kind, let definition): "\(mistake.rawValue) \(kind).\(definition.name)"
            case .resource(let mistake): mistake.rawValue
            }
        }
    }

    /// The names of all classes.
    static var classes: Set<String> { Set(deck.map(\.name)) }

    /// A project with up to 40 mistakes, always the same for one seed; with none at all for nil.
    init(seed: Int, isSound: Bool = false) {
        random = SeededGenerator(seed: UInt64(seed))
        project = SoundProject(&random)
        hidesReferences = seed % 3 == 0
        if !isSound { plantAll(seed) }
        write(seed)
    }

    // MARK: Planting

    private mutating func plantAll(_ seed: Int) {
        mistakesInTable = Int.random(in: 0...3, using: &random)
        count = mistakesInTable
        let wanted = Int.random(in: 1...Self.most, using: &random)
        if hidesReferences { plantInFiles() }
        // Each card has its seeds, of which some hide references and some do not, so that all of them are played.
        for (number, card) in Self.deck.enumerated() where number % 31 == seed % 31 && count < Self.most { play(card) }
        var tries = 0
        while count < wanted, tries < 1000 {
            tries += 1
            if Int.random(in: 0..<20, using: &random) == 0 { plantTwin() }
            play(Self.deck[Int.random(in: Self.deck.indices, using: &random)])
        }
    }

    private mutating func play(_ card: Card) {
        let drafts = project.files.indices.flatMap { file in
            project.files[file].drafts.indices.map { (file, $0) }
        }
        for (file, number) in drafts.shuffled(using: &random) {
            let done =
                switch card {
                case .field(let mistake, let kind, let definition):
                    project.files[file].drafts[number].kind == kind
                        && mistake.plant(definition, in: &project.files[file].drafts[number], &random)
                case .resource(let mistake):
                    isAllowed(mistake) && mistake.plant(in: &project.files[file].drafts[number], &random)
                }
            guard done else { continue }
            planted.insert(card.name)
            count += 1
            return
        }
    }

    private func isAllowed(_ mistake: ResourceMistake) -> Bool {
        hidesReferences ? mistake != .unknownProfile : !mistake.hidesReferences
    }

    private mutating func plantInFiles() {
        for mistake in FileMistake.allCases.shuffled(using: &random).prefix(2) {
            let file = Int.random(in: project.files.indices, using: &random)
            // What closes the file of the set would hide what its table lacks.
            guard appended[file] == nil, file != SoundProject.fileOfSet else { continue }
            appended[file] = mistake.document(&random)
            count += 1
            guard mistake.closesFile else { continue }
            for number in project.files[file].drafts.indices { project.files[file].drafts[number].isClosed = true }
        }
    }

    /// Declares a resource once more, in another place; of the two the later one is the mistake.
    private mutating func plantTwin() {
        let open = project.files.indices.filter { appended[$0] == nil }
        guard let file = open.randomElement(using: &random), let other = open.randomElement(using: &random),
            let number = project.files[file].drafts.indices.randomElement(using: &random),
            project.files[file].drafts[number].root[["metadata", "name"]] != nil,
            project.files[file].drafts[number].takeAll()
        else { return }
        var later = (file: other, number: project.files[other].drafts.count)
        project.files[other].drafts.append(project.files[file].drafts[number])
        if file > other { later = (file, number) }
        project.files[later.file].drafts[later.number].root.change(["metadata", "name"]) {
            $0.value.flaw = "manifest.duplicate-resource"
        }
        count += 1
    }

    // MARK: Writing

    private mutating func write(_ seed: Int) {
        var found: [(path: String, place: MarkedText.Place, code: String)] = []
        for (number, file) in project.files.enumerated() {
            var writer = ManuscriptWriter(seed: UInt64(seed * 1000 + number))
            for (position, draft) in file.drafts.enumerated() { writer.write(draft, isFirst: position == 0) }
            if let document = appended[number] {
                writer.write(marked: document.marked, code: document.code, isFirst: false)
            }
            files.append((file.path, writer.text))
            found += writer.flaws.map { (file.path, $0.place, $0.code) }
        }
        let table = PlantedTable(seed: UInt64(seed), mistakes: mistakesInTable)
        files.append((PlantedTable.path, table.text))
        files.append(("mailkeel.yaml", SoundProject.projectFile))
        found += table.flaws.map { (PlantedTable.path, $0.place, $0.code) }
        // In a file that is not read nothing else is found, and nothing else was planted.
        expected = found.sorted {
            ($0.path, $0.place.line, $0.place.column, $0.code) < ($1.path, $1.place.line, $1.place.column, $1.code)
        }.map { "\($0.path):\($0.place) \($0.code)" }
    }
}
