"""What people in the data set say: in chats and status updates, of themselves, and in the forum.

Each kind has the same number of lines in every language of a city, so that a line is chosen by a number alone.
"""

from ops.seed.catalogue import words

CHAT = {
    "de": (
        "Guten Morgen zusammen!", "Ich habe noch zwei Brote übrig, wer mag?", "Bin um sechs am Kühlschrank.",
        "Super, danke dir!", "Kann jemand morgen die Abholung übernehmen?", "Ja, das passt mir gut.",
        "Leider schaffe ich es heute nicht.", "Die Suppe war großartig!", "Bitte bringt Gläser mit.",
        "Wo genau treffen wir uns?", "Am Hintereingang, wie immer.", "Ich nehme die Tomaten.",
        "Ist noch etwas Vegetarisches da?", "Alles abgeholt, danke!", "Wir sehen uns am Samstag.", "👍"),
    "en": (
        "Good morning everyone!", "I have two loaves left, anybody?", "I'll be at the fridge at six.",
        "Lovely, thank you!", "Can somebody do tomorrow's pick-up?", "Yes, that works for me.",
        "Sorry, I can't make it today.", "That soup was brilliant!", "Please bring jars.",
        "Where exactly do we meet?", "Back entrance, as always.", "I'll take the tomatoes.",
        "Is there anything vegetarian left?", "All collected, thanks!", "See you on Saturday.", "👍"),
    "fr": (
        "Bonjour à tous !", "Il me reste deux pains, qui en veut ?", "Je serai au frigo à six heures.",
        "Super, merci !", "Quelqu'un peut faire la collecte demain ?", "Oui, ça me va.",
        "Désolé, je ne peux pas aujourd'hui.", "La soupe était délicieuse !", "Apportez des bocaux, s'il vous plaît.",
        "On se retrouve où exactement ?", "Porte de derrière, comme d'habitude.", "Je prends les tomates.",
        "Il reste quelque chose de végétarien ?", "Tout est récupéré, merci !", "À samedi.", "👍"),
    "es": (
        "¡Buenos días a todos!", "Me quedan dos panes, ¿alguien quiere?", "Estaré en la nevera a las seis.",
        "¡Genial, gracias!", "¿Alguien puede hacer la recogida mañana?", "Sí, me viene bien.",
        "Lo siento, hoy no puedo.", "¡La sopa estaba buenísima!", "Traed tarros, por favor.",
        "¿Dónde quedamos exactamente?", "En la puerta de atrás, como siempre.", "Me quedo con los tomates.",
        "¿Queda algo vegetariano?", "Todo recogido, ¡gracias!", "Nos vemos el sábado.", "👍"),
    "nl": (
        "Goedemorgen allemaal!", "Ik heb nog twee broden over, wie wil?", "Ik ben om zes uur bij de koelkast.",
        "Fijn, dank je wel!", "Kan iemand morgen ophalen?", "Ja, dat komt mij goed uit.",
        "Sorry, het lukt me vandaag niet.", "De soep was heerlijk!", "Neem alsjeblieft potjes mee.",
        "Waar spreken we precies af?", "Achteringang, zoals altijd.", "Ik neem de tomaten.",
        "Is er nog iets vegetarisch?", "Alles opgehaald, bedankt!", "Tot zaterdag.", "👍"),
    "it": (
        "Buongiorno a tutti!", "Mi restano due pagnotte, chi le vuole?", "Sarò al frigo alle sei.",
        "Ottimo, grazie!", "Qualcuno può fare il ritiro domani?", "Sì, per me va bene.",
        "Mi dispiace, oggi non riesco.", "La zuppa era buonissima!", "Portate dei barattoli, per favore.",
        "Dove ci vediamo esattamente?", "All'ingresso sul retro, come sempre.", "Prendo io i pomodori.",
        "È rimasto qualcosa di vegetariano?", "Tutto ritirato, grazie!", "Ci vediamo sabato.", "👍"),
    "pl": (
        "Dzień dobry wszystkim!", "Zostały mi dwa chleby, ktoś chce?", "Będę przy lodówce o szóstej.",
        "Super, dzięki!", "Czy ktoś może odebrać jutro?", "Tak, pasuje mi.",
        "Przepraszam, dziś nie dam rady.", "Zupa była świetna!", "Przynieście proszę słoiki.",
        "Gdzie dokładnie się spotykamy?", "Tylne wejście, jak zawsze.", "Wezmę pomidory.",
        "Zostało coś wegetariańskiego?", "Wszystko odebrane, dziękuję!", "Do zobaczenia w sobotę.", "👍"),
    "tr": (
        "Herkese günaydın!", "İki ekmek kaldı, isteyen var mı?", "Altıda dolabın başında olurum.",
        "Harika, teşekkürler!", "Yarın teslim almayı kim yapabilir?", "Evet, bana uyar.",
        "Üzgünüm, bugün gelemiyorum.", "Çorba çok güzeldi!", "Lütfen kavanoz getirin.",
        "Tam olarak nerede buluşuyoruz?", "Her zamanki gibi arka kapıda.", "Domatesleri ben alırım.",
        "Vejetaryen bir şey kaldı mı?", "Hepsi alındı, sağ olun!", "Cumartesi görüşürüz.", "👍"),
    "pt": (
        "Bom dia a todos!", "Sobraram dois pães, alguém quer?", "Estarei no frigorífico às seis.",
        "Ótimo, obrigada!", "Alguém pode fazer a recolha amanhã?", "Sim, dá-me jeito.",
        "Desculpem, hoje não consigo.", "A sopa estava maravilhosa!", "Tragam frascos, por favor.",
        "Onde é que nos encontramos?", "Na entrada de trás, como sempre.", "Eu fico com os tomates.",
        "Ainda há alguma coisa vegetariana?", "Tudo recolhido, obrigado!", "Até sábado.", "👍"),
}

STATUSES = {
    "de": ("Heute drei Kilo Äpfel gerettet. 🍎", "Wer hat ein gutes Rezept für altes Brot?",
           "Der Kühlschrank an der Ecke ist wieder voll.", "Zum ersten Mal Sauerteig – er lebt!",
           "Danke an alle Nachbarn für diese Woche.", "Samstag kochen wir zusammen, kommt vorbei!",
           "Nichts weggeworfen seit einem Monat.", "Suche Gläser mit Deckel."),
    "en": ("Saved three kilos of apples today. 🍎", "Who has a good recipe for stale bread?",
           "The fridge at the corner is full again.", "My first sourdough – it's alive!",
           "Thanks to all the neighbours for this week.", "We cook together on Saturday, come along!",
           "Nothing thrown away for a month.", "Looking for jars with lids."),
    "fr": ("Trois kilos de pommes sauvés aujourd'hui. 🍎", "Qui a une bonne recette pour le pain rassis ?",
           "Le frigo du coin est de nouveau plein.", "Mon premier levain : il vit !",
           "Merci aux voisins pour cette semaine.", "On cuisine ensemble samedi, venez !",
           "Rien jeté depuis un mois.", "Je cherche des bocaux avec couvercle."),
    "es": ("Hoy he salvado tres kilos de manzanas. 🍎", "¿Quién tiene una buena receta para el pan duro?",
           "La nevera de la esquina está llena otra vez.", "Mi primera masa madre: ¡está viva!",
           "Gracias a todos los vecinos por esta semana.", "El sábado cocinamos juntos, ¡venid!",
           "Un mes sin tirar nada.", "Busco tarros con tapa."),
    "nl": ("Vandaag drie kilo appels gered. 🍎", "Wie heeft een goed recept voor oud brood?",
           "De koelkast op de hoek is weer vol.", "Mijn eerste zuurdesem: hij leeft!",
           "Dank aan alle buren voor deze week.", "Zaterdag koken we samen, kom ook!",
           "Al een maand niets weggegooid.", "Ik zoek potjes met deksel."),
    "it": ("Oggi salvati tre chili di mele. 🍎", "Chi ha una buona ricetta per il pane raffermo?",
           "Il frigo all'angolo è di nuovo pieno.", "Il mio primo lievito madre: è vivo!",
           "Grazie a tutti i vicini per questa settimana.", "Sabato cuciniamo insieme, venite!",
           "Da un mese non butto via niente.", "Cerco barattoli con coperchio."),
    "pl": ("Dziś uratowane trzy kilo jabłek. 🍎", "Kto ma dobry przepis na czerstwy chleb?",
           "Lodówka na rogu znów jest pełna.", "Mój pierwszy zakwas: żyje!",
           "Dziękuję wszystkim sąsiadom za ten tydzień.", "W sobotę gotujemy razem, wpadajcie!",
           "Od miesiąca nic nie wyrzuciliśmy.", "Szukam słoików z pokrywkami."),
    "tr": ("Bugün üç kilo elma kurtardık. 🍎", "Bayat ekmek için güzel tarifi olan var mı?",
           "Köşedeki dolap yine dolu.", "İlk ekşi mayam: yaşıyor!",
           "Bu hafta için bütün komşulara teşekkürler.", "Cumartesi birlikte pişiriyoruz, gelin!",
           "Bir aydır hiçbir şey atmadık.", "Kapaklı kavanoz arıyorum."),
    "pt": ("Hoje salvámos três quilos de maçãs. 🍎", "Quem tem uma boa receita para pão duro?",
           "O frigorífico da esquina está cheio outra vez.", "A minha primeira massa-mãe: está viva!",
           "Obrigado a todos os vizinhos por esta semana.", "No sábado cozinhamos juntos, apareçam!",
           "Há um mês que não deito nada fora.", "Procuro frascos com tampa."),
}

BIOS = {
    "de": ("Ich koche gern zu viel und teile gern.", "Zwei Kinder, ein kleiner Garten, viel Zucchini.",
           "Rette Brot, seit ich denken kann.", "Neu in der Stadt und hungrig."),
    "en": ("I like cooking too much, in both senses.", "Two children, a small garden, many courgettes.",
           "Saving bread for as long as I can remember.", "New in town and hungry."),
    "fr": ("J'aime cuisiner trop, et partager.", "Deux enfants, un petit jardin, beaucoup de courgettes.",
           "Je sauve du pain depuis toujours.", "Nouveau en ville, et j'ai faim."),
    "es": ("Me gusta cocinar de más y compartir.", "Dos hijos, un huerto pequeño, muchos calabacines.",
           "Salvo pan desde que tengo memoria.", "Recién llegada y con hambre."),
    "nl": ("Ik kook graag te veel en deel graag.", "Twee kinderen, een kleine tuin, veel courgettes.",
           "Ik red al brood zolang ik me kan herinneren.", "Nieuw in de stad en hongerig."),
    "it": ("Mi piace cucinare troppo e condividere.", "Due figli, un piccolo orto, tante zucchine.",
           "Salvo il pane da sempre.", "Nuovo in città e affamato."),
    "pl": ("Lubię gotować za dużo i się dzielić.", "Dwoje dzieci, mały ogród, dużo cukinii.",
           "Ratuję chleb, odkąd pamiętam.", "Od niedawna w mieście i głodna."),
    "tr": ("Fazla pişirmeyi ve paylaşmayı severim.", "İki çocuk, küçük bir bahçe, çok kabak.",
           "Kendimi bildim bileli ekmek kurtarırım.", "Şehirde yeniyim ve açım."),
    "pt": ("Gosto de cozinhar a mais e de partilhar.", "Dois filhos, uma horta pequena, muitas curgetes.",
           "Salvo pão desde que me lembro.", "Recém-chegada e com fome."),
}

INTERESTS = words("baking, gardening, fermenting, vegan cooking, soup, zero waste, foraging, cycling, preserving, "
                  "composting, seasonal food, board games")
ROLES = words("driver, cook, fridge keeper, organizer, translator, first aider")
SECOND_ROOMS = words("Handovers, Recipes, Drivers, Fridge rota")
TALKS = words("Soup on Sunday, Bread run, Market crew, Allotment, Holiday cover, Film night")

# Slug, name, description, and how much of the forum it is.
CATEGORIES = (
    ("recipes", "Recipes", "What to make of what is left.", 30),
    ("storage", "Storage", "How to keep it, and for how long.", 20),
    ("safety", "Food safety", "What can be given on, and what cannot.", 15),
    ("gardening", "Gardening", "Balconies, allotments and what grows there.", 15),
    ("meetups", "Meetups", "Who cooks, eats or rides together, and when.", 12),
    ("platform", "The platform", "Questions and wishes about FoodShare itself.", 8),
)

THREADS = (
    "What do you do with stale bread?", "Too many courgettes again", "How long does cooked rice keep?",
    "Freezing milk: yes or no?", "The best soup for a crowd", "Was tun mit Gemüseresten?",
    "Is it still good after the best-before date?", "Who starts a fridge in our street?",
    "Recettes contre le gaspillage", "Seeds to swap in spring", "Carrying soup on a bicycle",
    "¿Qué hacéis con las cáscaras?", "Labels for allergens", "Cooking evening, first try",
    "Jam without so much sugar", "Fermenting for beginners", "Handing over when nobody is at home",
    "Cosa fare con il latte avanzato?", "A calendar for the allotment", "Ideas for the next version",
)
OPENINGS = (
    "I end up with this every week and would like to hear what others do.", "I am new to this. Where do I begin?",
    "We tried it last month and it went well; here is how we did it, and I would like to know what you would change.",
    "There are different answers on the web. What is your experience?", "Schreibt gern auf Deutsch oder Englisch!",
    "Let us collect what works. I begin: keep it simple, and write down what you did.",
)
REPLIES = (
    "Thank you, I will try that.", "We do the same, with a little garlic.", "Two days in the fridge, not longer.",
    "Das klappt bei uns auch sehr gut.", "I would not do that, to be honest.", "Freeze it in small portions.",
    "Could you write down the quantities?", "Works with old rolls as well.", "Merci, c'est une bonne idée !",
    "At our fridge a label with the date is enough.", "Depends on the season.", "Yes! And the rest makes a good broth.",
    "¡Gracias por compartir!", "I asked a food inspector once: smell and look first.", "We meet on the first Sunday.",
    "Put it in a dark place and forget it for a week.", "Same question here.", "Grazie, proverò domani.",
)

# Which of nine posts in a row each of them answers; none: it answers the thread. So no reply is deeper than eight.
TREES: tuple[tuple[int | None, ...], ...] = (
    (None, 0, 1, 2, 3, 4, 5, 6, 7),
    (None, 0, 0, 1, 3, 0, 5, None, 7),
    (None, None, 1, 1, 2, 4, None, 6, 6),
    (None, None, None, None, 3, None, 5, None, 7),
    (None, 0, 0, 0, 0, 4, 5, 4, 2),
)


def tree_places() -> list[tuple[int, int, int | None, int]]:
    """Of each tree and place in it: the place that it answers, and its depth."""
    rows = []
    for number, answered in enumerate(TREES):
        depths: list[int] = []
        for place, parent in enumerate(answered):
            depths.append(0 if parent is None else depths[parent] + 1)
            rows.append((number, place, parent, depths[place]))
    return rows
