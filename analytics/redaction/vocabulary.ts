/** The words that decide what a number is. English; another language brings its own file of this shape. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/**
 * Said between the digits of one number without ending it: hesitation, acknowledgement, correction, looking for the
 * card. They count neither as ordinary talk nor as an end of the run.
 */
export const fillers = set(
  `a ah again ahead all alright actually and are bear checking confirm correct correction dash digit digits dot er erm
   er uh um uhh umm hm hmm excuse find followed followed for go going good got grab great hang have here hold hyphen i
   i'll i'm i've is it it's its just know last let let's like look looking make me mean mhm mm mm-hmm moment my next
   nope no not now number numbers of oh ok okay on one's once pardon perfect please point read reading repeat right
   say scratch second see slash so sorry space start sure thank thanks that that's the them then there there's this
   till uh-huh wait was we well with wrong yeah yep yes you your`,
);

/** A number said beside one of these is named, and not a card's. */
export const names = set(
  `order orders tracking reference ref phone telephone mobile cell cellphone landline fax confirmation case ticket
   booking reservation invoice policy member membership customer serial model zip postcode postal part item extension
   claim shipment delivery parcel package receipt voucher promo coupon sku imei vin licence license registration
   account username flight meter batch prescription passport callback quote account's address birthday birth
   employee student patient contract transaction folio email reach contact
   trekking tracing trucking tracker track referee reverence referral referrals referents preference reverend conformation
   confirming bookings border odor ordered ordering partial
   house apartment suite seat bus lot vehicle plate area error discount country sort product version station job line id ids level floor`,
);

/** Of these, words of everyday talk: they name a number only close beside it, or together with a word for number. */
export const everydayNames = set(
  `part partial item line lot area seat bus house apartment suite vehicle plate error discount country sort product
   version station job level floor table border odor quote package receipt`,
);

/** A number straight before one of these counts or measures something. */
export const measures = set(
  `times time minutes minute mins hour hours day days week weeks weekend month months year years yearold old dollars
   dollar bucks pounds pound quid euros euro cents cent pence percent per people persons person adults kids children
   guests tickets items item pieces piece pairs pair boxes box bags bag bottles orders of am pm o'clock miles mile
   kilometers meters feet foot inches inch bedrooms bedroom bathrooms beds rooms room nights night stars star gigs gb
   gigabytes megabytes mb gigabyte degrees more other others things thing ways way or kinds types options calls
   emails windows business different separate new pounds lines phones devices tvs channels gallons ounces grams kilos
   x blocks stops cars bikes seconds points that which who where when i we they if because seats tables credits layover layovers square`,
);

/** A clock time or a date follows. */
export const clockBefore = set('at around about before after until till by between from past since');

export const months = set(
  'january february march april may june july august september october november december jan feb mar apr jun jul aug ' +
    'sept sep oct nov dec',
);

/** `one` after these stands for a thing. */
export const pronounBefore = set(
  `this that the which no any every another each new old other only good right wrong big small a first last next some
   same best better cheaper nice different blue black red white green i'm`,
);
