const words = (text: string): string[] => text.trim().split(/\s+/);

/** Passwords as they are met again and again in public leaks, and long enough by themselves. */
const WHOLE = words(`
  12345678 123456789 1234567890 12345678910 0123456789 012345678 01234567 987654321 9876543210 87654321 0987654321 098765432
  11111111 111111111 1111111111 22222222 33333333 44444444 55555555 555555555 66666666 666666666 77777777 777777777 88888888
  888888888 99999999 999999999 00000000 000000000 0000000000 10101010 101010101 12121212 1212121212 13131313 12312312 123123123
  1231231234 12341234 123412345 1234512345 12345123 123454321 1234554321 12344321 1234321234 123456123 123456123456 123456654321
  12345654321 112233445566 1122334455 11223344 1122334456 11112222 11223345 22334455 123321123 12332112 123321123321 321321321
  456456456 789789789 789456123 7894561230 147258369 147258963 1472583690 159753456 159357456 159357258 1593572846 741852963
  963852741 852963741 147852369 258456258 369258147 123698745 753951852 951753852 135792468 1357924680 1357911131 24681012
  31415926 314159265 3141592654 271828182 14789632 147896325 1478963250 16161616 18181818 19191919 20202020 21212121 23232323
  25252525 31313131 45454545 69696969 78787878 87878787 98989898 90909090 12345687 12345679 123456788 1234567891 12345678901
  123456780 1234567899 123456781 1234567a 12345678a 123456789a 1234567890a 123456789q 12345678q 123456789z 12345qwert 12345qwerty
  1234qwer 1234qwerty 1234asdf 1234abcd 12345abc 123456abc 123456789abc 123abc123 123qwe123 123qweasd 123qweasdzxc 123qwerty
  123456qwerty 123456789qwerty 123456qw 12qwaszx 12qw34er 12q12q12q 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r!
  1q1q1q1q 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qaz!qaz 1qazxsw2 1qaz@wsx !qaz2wsx !qaz1qaz !qaz@wsx zaq12wsx zaq1xsw2
  zaq1zaq1 zaqwsxcde zaqxswcde xsw2zaq1 2wsx3edc 3edc4rfv q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc qazwsxedcrfv qazwsx12
  qazwsx123 qaz123wsx qazxswedc qwaszx12 qweasdzxc qweasd123 qweqwe123 qwe123qwe qwe12345 qwer1234 qwerqwer qwert123 qwert1234
  qwert12345 qwerty12 qwertyui qwertyuio qwertyuiop qwertyuiop123 qwerty1q qwertyqwerty qwertyasdf qwertzui qwertzuiop azertyui
  azertyuiop asdfghjk asdfghjkl asdfghjkl1 asdf1234 asdf12345 asdfasdf asdfqwer asdasdasd asdasd123 asdzxc123 asd123asd
  asdqwe123 zxcvbnm1 zxcvbnm12 zxcvbnm123 zxcvasdf zxcasdqwe zxczxczxc poiuytrewq lkjhgfdsa mnbvcxz1 mnbvcxza
  abcdefgh abcdefghi abcdefghij abcdefg1 abcd1234 abcd12345 abcdabcd abc12345 abc123456 abc123abc abc123123 abcabcabc a1b2c3d4 a1b2c3d4e5
  a1s2d3f4 a1a1a1a1 aa123456 aa12345678 aaa11111 aaaa1111 aaaaaaaa aaaaaaaaa aaaaaaaaaa a12345678 a123456789 a1234567
  q12345678 q123456789 z12345678 z123456789 w123456789 m123456789 s12345678 xxxxxxxx zzzzzzzz qqqqqqqq ssssssss
  passpass pass1234 pass12345 passw0rd p4ssw0rd pa55word pa55w0rd pa$$word pa$$w0rd p@$$w0rd p@$$word p@55w0rd passwort passwords
  mypassword yourpassword nopassword thepassword ilovepassword drowssap motdepasse contrasena contraseña parola12 haslo123
  wachtwoord salasana senha123 senha1234 lozinka1 heslo123 sifre123 parool123 lösenord iloveyou iloveyou1 iloveyou2 iloveyou3
  iloveyou12 iloveyou123 iloveyou! iloveu123 iloveme1 iloveme123 ihateyou iloveyousomuch loveyou1 loveyou123 loveme123 lovelove
  letmein1 letmein12 letmein123 letmein! letmeinnow trustno1 trustnoone openopen opensesame whatever whatever1 nothing1 idontknow
  something anything forgetit changeme changeme1 changeme123 changeme! changeit temp1234 temp12345 temporary testtest testing1
  testing123 tester123 test1234 test12345 test123456 demo1234 guest123 guest1234 default1 default123 secret12 secret123 private1
  access14 access123 login123 login1234 logmein1 userpass user1234 user12345 root1234 toor1234 administrator administrator1
  superuser sysadmin raspberry raspberry1 ubuntu12 oracle123 cisco123 server123 computer computer1 internet internet1 samsung1
  samsung123 microsoft windows10 macintosh playstation nintendo facebook facebook1 facebook123 instagram linkedin youtube123
  google123 gmail123 twitter1 myspace1 yahoo123 minecraft minecraft1 minecraft123 fortnite roblox123 starcraft warcraft worldofwarcraft
  counterstrike callofduty dota2dota football baseball softball basketball volleyball swimming hockey123 lacrosse skateboard
  liverpool liverpool1 manchester manutd123 manunited arsenal1 arsenal123 chelsea1 chelsea123 barcelona barcelona1 realmadrid
  juventus bayern123 steelers steelers1 cowboys1 packers1 patriots yankees1 redsox123 lakers24 jordan23 lebron23 ronaldo7 ronaldo123
  messi123 starwars starwars1 startrek lordoftherings harrypotter gandalf1 pokemon1 pokemon12 pokemon123 pikachu1 naruto123 dragonball
  spiderman superman batman123 ironman1 matrix123 matrix01 jamesbond agent007 blink182 metallica metallica1 nirvana1 slipknot
  eminem123 beatles1 rockstar guitar123 scorpion elephant kangaroo butterfly dolphin1 dolphins chocolate strawberry pineapple blueberry
  cheesecake coffee123 corvette mustang1 mercedes porsche1 porsche911 yamaha123 harley123 ferrari1 ferrari123 maverick slipknot1
  fuckyou1 fuckyou2 fuckyou123 fuckyou! fuckoff1 fuckthis asshole1 bullshit bitches1 biteme123 sexsexsex sexybitch pussycat
  godisgood jesuschrist jesus123 jesus777 blessed1 heaven123 angel123 angels123 babygirl babygirl1 babygirl123 princess princess1
  princess12 princess123 sweetheart beautiful beautiful1 prettygirl gorgeous loverboy playboy1 badboy123 goodluck happy123 happiness
  sunshine sunshine1 sunshine12 sunshine123 moonlight midnight rainbow1 rainbow123 snowball december november september
  superstar champion champion1 warrior1 hunter12 hunter123 killer12 killer123 monster1 monster123 shadow12 shadow123
  michael1 michael123 michelle michelle1 jennifer jennifer1 jessica1 jessica123 ashley12 ashley123 amanda123 samantha samantha1
  victoria victoria1 veronica elizabeth charlotte nicholas christian christina christopher alexander alexander1 alexandra anthony1
  anthony123 benjamin benjamin1 brandon1 jonathan joshua123 matthew1 matthew123 daniel12 daniel123 thomas123 robert123 william1
  charlie1 charlie123 richard1 george123 andrew123 justin123 jordan123 austin123 hannah123 nicole123 vanessa1 stephanie patricia
  carolina fernando francisco alejandro sebastian valentina gabriela gabriel1 margarita estrella corazon1 tequiero teamo123
  colombia argentina brasil123 mexico123 germany1 deutschland schatz123 hallo123 hallo1234 bonjour1 bonjour123 doudou123 marseille
  soleil123 chouchou loulou123 nicolas1 nicolas123 ciao1234 juventus1 francesca giuseppe vittoria snoopy123 amore123 andrea123
  nastya123 marina123 natasha1 vladimir anastasia svetlana zxcvbnm0 krishna1 krishna123 india123 pakistan pakistan123 bismillah
  maganda1 mahalko1 woaini1314 woaini520 5201314520 a5201314 aini1314 1314520a correcthorsebatterystaple
`);

/** With an ending that the next rule asked for they are no harder to guess. */
const STEMS = words(`
  password passw0rd p@ssw0rd p@ssword passwort pass qwerty qwertz azerty asdfgh asdf zxcvbn zxcvbnm qazwsx abcd abcdef abc welcome
  welc0me admin adm1n administrator root user login master secret letmein changeme test testing temp guest default hello helloworld
  monkey dragon shadow killer hunter tigger ginger pepper cookie banana cheese chocolate summer winter spring autumn sunday monday
  friday october november december january february london paris berlin moscow america canada football baseball soccer hockey
  superman batman spiderman starwars pokemon naruto matrix freedom flower princess sunshine angel love lovely iloveyou babygirl
  sweety family friends forever jesus heaven buddy buster bailey charlie jordan michael daniel thomas robert andrew joshua jessica
  ashley nicole hannah andrea maria anna sophie diamond silver golden purple orange yellow mustang ferrari harley yamaha computer
  internet samsung google company office server database oracle marketing manager
`);

const YEARS = Array.from({ length: 11 }, (_, i) => String(2018 + i));
const ENDINGS = [
  ...words(
    '1 2 7 11 12 13 21 22 23 69 77 88 99 00 01 007 10 123 321 111 666 777 1234 12345 123456 1234567 12345678 123456789 ! !! 1!',
  ),
  ...words('12! 123! 1234! @1 @12 @123 @1234 #1 #123 _123 .123 -123 * 123* 1* $ a abc x xx'),
  ...YEARS.flatMap((year) => [year, `${year}!`, `@${year}`]),
];

const LEAST_LENGTH = 8;

/**
 * What people choose most and guessers try first, folded. A first line of defence, not a dictionary: sign-in attempts are what must
 * be limited. Only as long as the schema asks for: a shorter one never comes this far.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  [...WHOLE, ...STEMS, ...STEMS.flatMap((stem) => ENDINGS.map((ending) => stem + ending))].filter(
    (password) => password.length >= LEAST_LENGTH,
  ),
);
