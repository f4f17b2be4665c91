/** A language by which texts in legacy encodings are told apart. */
export interface Language {
  /** Its letters beyond ASCII in lower case, or of scripts with many characters its frequent ones, the most frequent first. */
  readonly letters: string;
  /** The WHATWG labels of the encodings in which it is written. */
  readonly encodings: readonly string[];
  /** What its letters count beside those of others: less if they are of no one language. */
  readonly weight?: number;
}

const WESTERN = ['windows-1252', 'iso-8859-15', 'macintosh'];
const CENTRAL = ['windows-1250', 'iso-8859-2'];
const BALTIC = ['windows-1257', 'iso-8859-13'];
const CYRILLIC = ['windows-1251', 'koi8-r', 'koi8-u', 'iso-8859-5', 'ibm866'];

/** Languages of alphabets: one byte is one letter. */
export const ALPHABETS: readonly Language[] = [
  { letters: 'éèàêçôûîùâëïœü', encodings: WESTERN },
  { letters: 'üäößé', encodings: WESTERN },
  { letters: 'óíáéñúü¿¡', encodings: WESTERN },
  { letters: 'ãçáéíóõêâúàô', encodings: WESTERN },
  { letters: 'àèòùìé', encodings: WESTERN },
  { letters: 'äöåøæé', encodings: WESTERN },
  { letters: 'ðáíþéóöúýæ', encodings: WESTERN },
  { letters: 'éëïèüöó', encodings: WESTERN },
  // Names of people from many countries.
  { letters: 'éüöäáíóñçèåøãßæëúàâêôïõîûðþýùòìœ', encodings: WESTERN, weight: 0.75 },
  { letters: 'ąłężćśóńź', encodings: [...CENTRAL, ...BALTIC] },
  { letters: 'íáéěřčšžýůúťďňó', encodings: CENTRAL },
  { letters: 'áíýéčšžťľôúňäďóĺŕ', encodings: CENTRAL },
  { letters: 'éáíóöőüúű', encodings: CENTRAL },
  { letters: 'čšžćđ', encodings: CENTRAL },
  { letters: 'ăîâşţșț', encodings: CENTRAL },
  { letters: 'ıüşğçöâî', encodings: ['windows-1254'] },
  { letters: 'ėšąųžūįčę', encodings: BALTIC },
  { letters: 'āīēšņūļžķģč', encodings: BALTIC },
  { letters: 'äõüöšž', encodings: [...WESTERN, ...BALTIC] },
  { letters: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё', encodings: CYRILLIC },
  { letters: 'оанитевслрукдмпгязьбйчіхцїжшєюфщґ', encodings: ['windows-1251', 'koi8-u', 'iso-8859-5'] },
  { letters: 'аоеитнсрвдлпкмузяъгбчшщжцйхюфь', encodings: CYRILLIC },
  { letters: 'аоиенртсјвкдмпулзгбшчцњхћжљђџфѓќ', encodings: ['windows-1251', 'iso-8859-5'] },
  { letters: 'αοιετσνηυρπκμλςίόάγέδήωχθώύφβξζψϊϋ', encodings: ['windows-1253', 'iso-8859-7'] },
  { letters: 'יוהלאמרתבשנדכעחפקסטגזצםןךףץ', encodings: ['windows-1255'] },
  { letters: 'الينمتروبةعدسفهكقحجشطصخأإذضزثىئغءآظؤ', encodings: ['windows-1256'] },
  { letters: 'ารนกอเงมยลวดทสต่ะปบคหแจพช้ขใไโผถซณธฟศ์ัิีุูึื็ๆ', encodings: ['windows-874'] },
];

/** Languages in which two bytes are one character. Kana and Hangul beside these letters count too; see `encoding-guess`. */
export const IDEOGRAPHS: readonly Language[] = [
  {
    encodings: ['shift_jis', 'euc-jp'],
    letters:
      '日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校' +
      '語土木聞食車何南万毎白天母火右読友左休父雨田村井林佐藤鈴橋伊渡辺加吉斎松清森池石原岡和美郎太智恵久正幸雄明健一県市' +
      '区町丁目番地号都府道京阪神奈埼玉葉氏住所齢性別会社部課商品数量価格合計備考株式担当者業員',
  },
  {
    encodings: ['gb18030'],
    letters:
      '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种' +
      '事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第' +
      '公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利二等产或新己制身果加西月话合回特代' +
      '内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安' +
      '少报结反受目太量再感建务做接必场件计管期市直德资命山金指许统区保至形社便空决治展马科司五基书非则白界达光放强张王李' +
      '刘陈杨赵黄周吴徐孙胡朱林郭罗州省县路号街镇村室京广江苏浙姓址男邮编联备注',
  },
  {
    encodings: ['big5'],
    letters:
      '的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作里用道行所然家種' +
      '事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第' +
      '公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應向頭文體政美相見被利二等產或新己制身果加西月話合回特代' +
      '內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安' +
      '少報結反受目太量再感建務做接必場件計管期市直德資命山金指許統區保至形社便空決治展馬科司五基書非則白界達光放強張王李' +
      '劉陳楊趙黃周吳徐孫胡朱林郭羅蔡鄭謝洪曾邱廖賴州省縣路號街鎮鄉村樓段巷弄台灣北高雄姓址男郵編聯備註',
  },
  {
    encodings: ['euc-kr'],
    letters:
      '이다는에의가을지로고하한기사리도자은나시를서대정인그수부일어아라전해과만있장제동보주상원스것여년조관구성비들등면유' +
      '당소남회경세진생국신방게개산중무때계발히간물안위까문차말두모내적용재화공실연단양행합영호천명강분업반우선교민체름박' +
      '김최윤임오울번현철준희미숙순광울길층처격량품거래',
  },
];
