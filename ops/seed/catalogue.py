"""The words that seeded rows are made of: real cities and their districts, names, streets, food and what it holds."""

from typing import NamedTuple


class City(NamedTuple):
    """A city, its language (a key of NAMES and STREETS) and eight of its districts, the busiest first."""

    name: str
    language: str
    districts: str


class Food(NamedTuple):
    """A food. `keeps` is in days, None for what needs no date; the lists are separated by commas."""

    title: str
    category: str
    quantities: str
    allergens: str
    diets: str
    keeps: int | None
    description: str


class Streets(NamedTuple):
    """How an address is written in a language (`format()` of PostgreSQL: %1$s street, %2$s number), and its streets."""

    address: str
    names: str


CITIES = (
    City("Berlin", "de", "Kreuzberg, Neukölln, Prenzlauer Berg, Wedding, Friedrichshain, Moabit, Schöneberg, Pankow"),
    City("London", "en", "Hackney, Brixton, Peckham, Camden, Walthamstow, Islington, Deptford, Tottenham"),
    City("Paris", "fr", "Belleville, Montmartre, Le Marais, Bastille, Batignolles, Ménilmontant, La Villette, "
         "Vaugirard"),
    City("Madrid", "es", "Lavapiés, Malasaña, Chamberí, Vallecas, Carabanchel, Tetuán, Arganzuela, Usera"),
    City("Amsterdam", "nl", "De Pijp, Jordaan, Oud-West, Bos en Lommer, IJburg, Watergraafsmeer, Noord, De Baarsjes"),
    City("Milan", "it", "Isola, Navigli, Lambrate, Porta Romana, Bovisa, Città Studi, Giambellino, Brera"),
    City("Warsaw", "pl", "Praga, Mokotów, Ochota, Wola, Żoliborz, Ursynów, Bielany, Saska Kępa"),
    City("Istanbul", "tr", "Kadıköy, Beşiktaş, Üsküdar, Cihangir, Moda, Balat, Şişli, Bakırköy"),
    City("Lisbon", "pt", "Alfama, Graça, Arroios, Campo de Ourique, Benfica, Alvalade, Marvila, Estrela"),
    City("Hamburg", "de", "Altona, Ottensen, Eimsbüttel, Wilhelmsburg, St. Pauli, Barmbek, Winterhude, Harburg"),
    City("Barcelona", "es", "Gràcia, Poblenou, Sants, El Raval, Sant Andreu, Horta, Clot, Poble-sec"),
    City("Vienna", "de", "Neubau, Ottakring, Favoriten, Leopoldstadt, Josefstadt, Margareten, Hernals, Donaustadt"),
    City("Manchester", "en", "Chorlton, Hulme, Levenshulme, Didsbury, Ancoats, Withington, Moss Side, Longsight"),
    City("Rotterdam", "nl", "Delfshaven, Kralingen, Noord, Feijenoord, Charlois, Crooswijk, Hillegersberg, "
         "Katendrecht"),
    City("Lyon", "fr", "Croix-Rousse, Guillotière, Vaise, Monplaisir, Gerland, Confluence, Part-Dieu, Montchat"),
    City("Rome", "it", "Trastevere, Pigneto, San Lorenzo, Testaccio, Garbatella, Monti, Centocelle, Ostiense"),
    City("Kraków", "pl", "Kazimierz, Podgórze, Nowa Huta, Krowodrza, Zwierzyniec, Grzegórzki, Dębniki, Prądnik"),
    City("Mexico City", "es", "Roma Norte, Coyoacán, Condesa, Narvarte, Del Valle, Doctores, Tlalpan, Santa María"),
    City("Toronto", "en", "Parkdale, Kensington, Leslieville, The Annex, Riverdale, Junction, Weston, Scarborough"),
    City("Porto", "pt", "Bonfim, Cedofeita, Ribeira, Foz, Paranhos, Campanhã, Boavista, Massarelos"),
    City("Brussels", "fr", "Ixelles, Saint-Gilles, Schaerbeek, Molenbeek, Etterbeek, Forest, Anderlecht, Uccle"),
    City("Izmir", "tr", "Alsancak, Karşıyaka, Bornova, Buca, Göztepe, Konak, Balçova, Narlıdere"),
    City("Dublin", "en", "Phibsborough, Rathmines, Stoneybatter, Ringsend, Drumcondra, Portobello, Clontarf, "
         "Kilmainham"),
    City("Utrecht", "nl", "Lombok, Wittevrouwen, Zuilen, Tuindorp, Overvecht, Kanaleneiland, Oog in Al, Vogelenbuurt"),
)

# The state, or what comes next to it, of each city.
STATES = {
    "Berlin": "Berlin", "London": "England", "Paris": "Île-de-France", "Madrid": "Madrid",
    "Amsterdam": "North Holland", "Milan": "Lombardy", "Warsaw": "Masovia", "Istanbul": "Istanbul",
    "Lisbon": "Lisbon", "Hamburg": "Hamburg", "Barcelona": "Catalonia", "Vienna": "Vienna", "Manchester": "England",
    "Rotterdam": "South Holland", "Lyon": "Auvergne-Rhône-Alpes", "Rome": "Lazio", "Kraków": "Lesser Poland",
    "Mexico City": "Mexico City", "Toronto": "Ontario", "Porto": "Porto", "Brussels": "Brussels", "Izmir": "Izmir",
    "Dublin": "Leinster", "Utrecht": "Utrecht",
}

# Given names, then family names.
NAMES = {
    "de": (
        "Anna, Lukas, Mia, Jonas, Lena, Felix, Klara, Paul, Greta, Emil, Johanna, Moritz, Frieda, Anton, Ida, Oskar",
        "Müller, Schmidt, Schneider, Fischer, Weber, Wagner, Becker, Hoffmann, Koch, Richter, Klein, Wolf, Neumann, "
        "Zimmermann, Krüger, Hartmann",
    ),
    "en": (
        "Olivia, Jack, Amelia, Harry, Grace, Thomas, Isla, George, Freya, Arthur, Chloe, Callum, Niamh, Owen, Ruby, "
        "Sean",
        "Smith, Jones, Taylor, Brown, Williams, Wilson, Evans, Walker, Wright, Hughes, Murphy, Kelly, Campbell, "
        "Clarke, Okafor, Bennett",
    ),
    "fr": (
        "Camille, Lucas, Manon, Hugo, Léa, Louis, Chloé, Jules, Inès, Gabriel, Zoé, Théo, Juliette, Maxime, Élise, "
        "Antoine",
        "Martin, Bernard, Dubois, Robert, Petit, Durand, Leroy, Moreau, Laurent, Lefèvre, Roux, Fournier, Girard, "
        "Mercier, Diallo, Chevalier",
    ),
    "es": (
        "Lucía, Mateo, Sofía, Hugo, Martina, Diego, Valeria, Álvaro, Carmen, Javier, Elena, Pablo, Alba, Sergio, "
        "Paula, Iván",
        "García, Martínez, López, Sánchez, Fernández, Gómez, Díaz, Torres, Ruiz, Ramírez, Vázquez, Navarro, Molina, "
        "Ortega, Delgado, Castro",
    ),
    "nl": (
        "Emma, Daan, Sanne, Bram, Fenna, Lars, Lotte, Sem, Noor, Thijs, Roos, Jasper, Eva, Ruben, Femke, Pieter",
        "de Jong, Jansen, de Vries, van den Berg, Bakker, Visser, Smit, Meijer, Mulder, Bos, Vos, Peters, Hendriks, "
        "van Dijk, Dekker, Brouwer",
    ),
    "it": (
        "Giulia, Leonardo, Sofia, Lorenzo, Aurora, Matteo, Chiara, Andrea, Martina, Davide, Elisa, Marco, Alice, "
        "Pietro, Sara, Luca",
        "Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, Bruno, Gallo, Conti, De "
        "Luca, Costa, Mancini",
    ),
    "pl": (
        "Zofia, Jan, Hanna, Jakub, Maja, Szymon, Alicja, Filip, Oliwia, Wojciech, Kinga, Tomasz, Magda, Piotr, Ewa, "
        "Michał",
        "Nowak, Kowalska, Wiśniewska, Wójcik, Kamińska, Lewandowska, Zieliński, Szymański, Woźniak, Dąbrowski, Mazur,"
        " Krawczyk, Pawlak, Sikora, Baran, Duda",
    ),
    "tr": (
        "Zeynep, Mehmet, Elif, Emre, Defne, Can, Ayşe, Mert, Selin, Burak, Derya, Kerem, Ece, Onur, Nur, Deniz",
        "Yılmaz, Kaya, Demir, Çelik, Şahin, Yıldız, Öztürk, Aydın, Arslan, Doğan, Kılıç, Aslan, Çetin, Kara, Koç, "
        "Kurt",
    ),
    "pt": (
        "Maria, João, Beatriz, Tiago, Inês, Rui, Mariana, Pedro, Leonor, Miguel, Catarina, Nuno, Joana, Gonçalo, "
        "Rita, André",
        "Silva, Santos, Ferreira, Pereira, Oliveira, Costa, Rodrigues, Martins, Sousa, Fernandes, Gonçalves, Gomes, "
        "Lopes, Marques, Almeida, Ribeiro",
    ),
    "ar": (
        "Layla, Omar, Yasmin, Karim, Nour, Hassan, Salma, Youssef, Rania, Tariq, Amal, Samir, Hala, Bilal, Dina, Ziad",
        "Haddad, Khoury, Mansour, Nasser, Saleh, Farah, Aziz, Rahman, Hamdan, Said, Darwish, Ibrahim, Younes, Awad, "
        "Qasim, Sabbagh",
    ),
    "hi": (
        "Priya, Arjun, Ananya, Rohan, Kavya, Vikram, Meera, Aditya, Isha, Rahul, Nisha, Sanjay, Pooja, Amit, Divya, "
        "Kiran",
        "Sharma, Patel, Singh, Gupta, Reddy, Iyer, Mehta, Nair, Joshi, Rao, Das, Verma, Kapoor, Menon, Bose, Chopra",
    ),
    "vi": (
        "Linh, Minh, Mai, Tuấn, Thảo, Dũng, Hà, Quân, Ngọc, Hải, Trang, Phúc, Lan, Sơn, Hương, Bảo",
        "Nguyễn, Trần, Lê, Phạm, Hoàng, Phan, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý, Đinh, Mạc",
    ),
}

STREETS = {
    "de": Streets(
        "%1$s %2$s",
        "Hauptstraße, Bergstraße, Gartenweg, Lindenallee, Schillerstraße, Am Markt, Ringstraße, Goethestraße, "
        "Mühlenweg, Rosenstraße, Kirchgasse, Uferstraße",
    ),
    "en": Streets(
        "%2$s %1$s",
        "High Street, Mill Lane, Station Road, Church Street, Park Avenue, Victoria Road, Green Lane, Albert Street, "
        "Orchard Close, Queen's Road, Canal Walk, Elm Grove",
    ),
    "fr": Streets(
        "%2$s %1$s",
        "rue de la République, rue Victor Hugo, avenue Jean Jaurès, rue des Lilas, rue du Moulin, boulevard Voltaire,"
        " rue Pasteur, impasse des Vignes, rue de l'Église, quai de la Gare, rue Gambetta, place des Fêtes",
    ),
    "es": Streets(
        "%1$s %2$s",
        "Calle Mayor, Calle del Sol, Calle de la Luna, Avenida de la Paz, Calle del Carmen, Calle Real, Plaza de la "
        "Fuente, Calle de los Olivos, Paseo del Prado, Calle Nueva, Calle del Río, Ronda del Parque",
    ),
    "nl": Streets(
        "%1$s %2$s",
        "Dorpsstraat, Kerkstraat, Molenweg, Stationsstraat, Julianalaan, Prinsengracht, Beukenlaan, Schoolstraat, "
        "Havenkade, Lindelaan, Marktplein, Weverstraat",
    ),
    "it": Streets(
        "%1$s %2$s",
        "Via Roma, Via Garibaldi, Via Mazzini, Corso Italia, Via Dante, Viale dei Tigli, Via Verdi, Piazza del "
        "Mercato, Via della Fonte, Via Manzoni, Vicolo Stretto, Via San Marco",
    ),
    "pl": Streets(
        "ul. %1$s %2$s",
        "Polna, Leśna, Słoneczna, Krótka, Szkolna, Ogrodowa, Lipowa, Brzozowa, Kwiatowa, Kościelna, Sosnowa, Parkowa",
    ),
    "tr": Streets(
        "%1$s No. %2$s",
        "Cumhuriyet Caddesi, Gül Sokak, İnönü Caddesi, Lale Sokak, Çınar Sokak, Barış Caddesi, Deniz Sokak, Fatih "
        "Caddesi, Zeytin Sokak, Bahar Sokak, Okul Sokak, Menekşe Sokak",
    ),
    "pt": Streets(
        "%1$s %2$s",
        "Rua Direita, Rua da Igreja, Rua do Sol, Avenida da Liberdade, Rua das Flores, Travessa do Poço, Rua Nova, "
        "Rua do Mercado, Largo da Fonte, Rua da Escola, Rua dos Loureiros, Calçada do Monte",
    ),
}

# %1$s is the city, %2$s one of its districts.
COMMUNITY_GROUPS = (
    "%1$s Food Rescue", "%2$s Community Fridge", "%1$s Bread Savers", "%2$s Soup Circle", "%1$s Students Share",
    "%1$s Vegan Table", "%2$s Market Leftovers", "%1$s Parents Pantry", "Zero Waste %1$s", "%2$s Allotment Harvest",
    "%1$s Office Lunch Rescue", "%2$s Bakers' Evening", "%1$s Night Shift Kitchen", "Share the Plate %2$s",
)
NEIGHBORHOOD_GROUPS = (
    "Neighbours of %2$s", "%2$s Doorstep Sharing", "%2$s Courtyard Kitchen", "Good Food %2$s", "%2$s Block Pantry",
)

FOODS = (
    Food("Sourdough loaf", "bread", "1 loaf, 2 loaves, Half a loaf", "gluten", "vegetarian, vegan, halal", 4,
         "Baked this morning, crisp crust."),
    Food("Baguettes", "bread", "2 pieces, 4 pieces, 6 pieces", "gluten", "vegetarian, vegan, halal", 2,
         "From the bakery downstairs, end of day."),
    Food("Rye bread", "bread", "1 loaf, Half a loaf", "gluten", "vegetarian, vegan, halal", 6,
         "Dense and dark, sliced."),
    Food("Croissants", "bread", "3 pieces, 5 pieces, 8 pieces", "gluten, milk, eggs", "vegetarian", 2,
         "A little tired, fine after five minutes in the oven."),
    Food("Cinnamon buns", "bread", "4 buns, 6 buns", "gluten, milk, eggs", "vegetarian", 2, "Homemade, still soft."),
    Food("Pita bread", "bread", "1 pack, 2 packs", "gluten", "vegetarian, vegan, halal", 5, "Unopened."),
    Food("Corn tortillas", "bread", "20 pieces, 1 pack", "", "vegetarian, vegan, gluten_free, lactose_free", 10,
         "Unopened pack."),
    Food("Simit", "bread", "3 pieces, 5 pieces", "gluten, sesame", "vegetarian, vegan, halal", 2,
         "Fresh from the street stall."),
    Food("Apples", "produce", "1 kg, 2 kg, A bag", "", "vegetarian, vegan, gluten_free, lactose_free", 14,
         "From our garden, unsprayed."),
    Food("Bananas", "produce", "6 pieces, 1 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 3,
         "Ripe, best for baking."),
    Food("Tomatoes", "produce", "500 g, 1 kg, A crate", "", "vegetarian, vegan, gluten_free, lactose_free", 5,
         "More than we can eat."),
    Food("Carrots", "produce", "1 kg, 2 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 12,
         "With their greens."),
    Food("Potatoes", "produce", "2 kg, 5 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 20,
         "Floury ones, good for soup."),
    Food("Salad heads", "produce", "2 heads, 4 heads", "", "vegetarian, vegan, gluten_free, lactose_free", 3,
         "From the market's last hour."),
    Food("Courgettes", "produce", "3 pieces, 1 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 7,
         "The allotment has too many."),
    Food("Celery and leeks", "produce", "A bunch, 1 bag", "celery", "vegetarian, vegan, gluten_free, lactose_free", 6,
         "For a pot of broth."),
    Food("Oranges", "produce", "1 kg, A net", "", "vegetarian, vegan, gluten_free, lactose_free", 10,
         "Sweet, thin-skinned."),
    Food("Herb pots", "produce", "1 pot, 3 pots", "", "vegetarian, vegan, gluten_free, lactose_free", None,
         "Basil and parsley."),
    Food("Whole milk", "dairy", "1 litre, 2 litres", "milk", "vegetarian, gluten_free", 4, "Unopened, kept cold."),
    Food("Plain yoghurt", "dairy", "500 g, 4 cups", "milk", "vegetarian, gluten_free", 8, "Unopened cups."),
    Food("Lactose-free milk", "dairy", "1 litre", "milk", "vegetarian, gluten_free, lactose_free", 10,
         "Bought by mistake."),
    Food("Gouda", "dairy", "300 g, Half a wheel", "milk", "vegetarian, gluten_free", 20, "Vacuum packed."),
    Food("Feta", "dairy", "200 g, 2 packs", "milk", "vegetarian, gluten_free", 14, "In brine, unopened."),
    Food("Butter", "dairy", "250 g, 2 packs", "milk", "vegetarian, gluten_free", 25, "Unsalted."),
    Food("Free-range eggs", "dairy", "6 eggs, 10 eggs", "eggs", "vegetarian, gluten_free, lactose_free", 14,
         "From my aunt's hens."),
    Food("Lentil soup", "prepared", "2 portions, 3 portions, 1 litre", "celery",
         "vegetarian, vegan, gluten_free, lactose_free, halal", 2,
         "Cooked today, cooled at once."),
    Food("Vegetable lasagne", "prepared", "2 portions, 4 portions", "gluten, milk, eggs", "vegetarian", 2,
         "Cooked yesterday, in the fridge since."),
    Food("Chickpea curry", "prepared", "2 portions, 3 portions", "mustard",
         "vegetarian, vegan, gluten_free, lactose_free, halal", 2,
         "Mild, with rice on the side."),
    Food("Chicken biryani", "prepared", "3 portions, 5 portions", "milk, nuts", "halal, gluten_free", 2,
         "From a family party."),
    Food("Pierogi", "prepared", "20 pieces, 2 portions", "gluten, milk, eggs", "vegetarian", 2,
         "Potato and cheese, boiled."),
    Food("Dolma", "prepared", "A box, 15 pieces", "", "vegetarian, vegan, gluten_free, lactose_free, halal", 3,
         "Vine leaves with rice and herbs."),
    Food("Fish stew", "prepared", "2 portions, 1 litre", "fish, crustaceans, celery", "gluten_free, lactose_free", 1,
         "Eat today."),
    Food("Mussels in white wine", "prepared", "2 portions", "molluscs, sulphites, celery", "gluten_free", 1,
         "Eat today."),
    Food("Falafel plate", "prepared", "1 plate, 2 plates", "sesame", "vegetarian, vegan, lactose_free, halal", 1,
         "Left from the office lunch."),
    Food("Sushi box", "prepared", "1 box, 2 boxes", "fish, soya, sesame", "lactose_free", 1,
         "Ordered too much, unopened."),
    Food("Tofu stir-fry", "prepared", "2 portions", "soya, sesame, peanuts", "vegetarian, vegan, lactose_free", 2,
         "With noodles apart."),
    Food("Birthday cake", "prepared", "Half a cake, 6 slices", "gluten, milk, eggs, nuts", "vegetarian", 2,
         "Chocolate and hazelnut."),
    Food("Basmati rice", "pantry", "1 kg, 2 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 300, "Unopened."),
    Food("Spaghetti", "pantry", "500 g, 3 packs", "gluten", "vegetarian, vegan, lactose_free", 400, "Moving house."),
    Food("Red lentils", "pantry", "500 g, 1 kg", "", "vegetarian, vegan, gluten_free, lactose_free", 300, "Unopened."),
    Food("Tinned tomatoes", "pantry", "3 tins, 6 tins", "", "vegetarian, vegan, gluten_free, lactose_free", 500,
         "Clearing the cupboard."),
    Food("Peanut butter", "pantry", "1 jar", "peanuts", "vegetarian, vegan, gluten_free, lactose_free", 120,
         "Unopened, crunchy."),
    Food("Lupin flour", "pantry", "1 bag", "lupin", "vegetarian, vegan, gluten_free, lactose_free", 90, "Opened once."),
    Food("Dried apricots", "pantry", "200 g, 500 g", "sulphites", "vegetarian, vegan, gluten_free, lactose_free", 150,
         "Too sweet for us."),
    Food("Baby food jars", "pantry", "4 jars, 8 jars", "", "gluten_free, lactose_free", 200,
         "Our daughter is done with them."),
    Food("Apple juice", "drinks", "1 litre, 6 bottles", "", "vegetarian, vegan, gluten_free, lactose_free", 60,
         "Pressed in autumn."),
    Food("Oat drink", "drinks", "1 litre, 3 litres", "gluten", "vegetarian, vegan, lactose_free", 90, "Unopened."),
    Food("Soya drink", "drinks", "2 litres", "soya", "vegetarian, vegan, gluten_free, lactose_free", 90, "Unopened."),
    Food("Ground coffee", "drinks", "250 g, 500 g", "", "vegetarian, vegan, gluten_free, lactose_free", 180,
         "A present; we drink tea."),
    Food("Party leftovers", "other", "A box, 2 bags", "gluten, milk, eggs, nuts, mustard", "", 1,
         "Mixed plates, bring a box."),
    Food("Surprise bag", "other", "1 bag", "gluten, milk, eggs, soya, nuts, sesame", "", 1,
         "What the café did not sell today."),
    Food("Kosher snack box", "other", "1 box", "gluten", "kosher, vegetarian", 30, "From a conference, sealed."),
)

TITLES = ("%s", "%s", "%s", "%s to share", "%s, too many for us", "%s – this evening", "%s, please take", "Surplus: %s")
REASONS = ("", "", "We leave for a week tomorrow.", "We simply bought too much.", "Please bring a container.",
           "It would be a pity to throw it away.", "Happy to split it between two people.", "Left from an event.")
NOTES = ("Ring the bell, second from the top.", "It stands in the box by the door.", "Call when you are outside.",
         "Back courtyard, blue door.", "Ask at the shop on the ground floor.", "Please come after six.")
COMMENTS = ("", "", "", "Thank you!", "Everything as described.", "Very friendly handover.", "Delicious, thank you.",
            "On time and kind.", "Gladly again.")
CANCELLATIONS = ("Something came up.", "Could not make it in time.", "Found out it contains an allergen.", "No answer.")
DISPUTES = ("Nobody was there at the agreed time.", "The food had gone off.", "It was not what the post said.")
RESOLUTIONS = ("Both sides heard; the exchange stands.", "A misunderstanding about the time.",
               "Spoken with both; no further steps.")


def words(text: str) -> list[str]:
    """The parts of a list written with commas; none for an empty text."""
    return [part.strip() for part in text.split(",") if part.strip()]
