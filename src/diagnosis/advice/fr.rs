//! The advice in French.

use super::super::symptom::Rule;
use super::Text;
use crate::domain::cause::Cause;
use crate::domain::refusal::Repeat;

/// The text where accuscope did not send a change, since one with its key came before.
pub(super) const fn held_back(repeat: Repeat) -> Text {
    match repeat {
        Repeat::Before => Text {
            steps: &[
                "Regarder dans Accuro si la modification y est, avant toute autre chose.",
                "Si elle y est, tout est fait. Sinon, la faire dans Accuro même.",
                "Demander au fournisseur de l'application pourquoi elle l'a envoyée une seconde fois.",
            ],
            admin: "La même modification avait déjà été envoyée; notre service ne l'a donc pas envoyée une seconde fois à Accuro. Elle est enregistrée ou peut l'être. Veuillez regarder dans Accuro avant que quelqu'un la refasse.",
            user: "Cette modification a déjà été envoyée et elle est enregistrée ou peut l'être; elle n'a donc pas été envoyée une seconde fois. Veuillez regarder dans Accuro avant toute autre chose.",
        },
        Repeat::Mixed => Text {
            steps: &[
                "Regarder dans Accuro laquelle des deux modifications y est, avant toute autre chose.",
                "S'il en manque une, la faire dans Accuro même.",
                "Aviser le fournisseur de l'application qu'elle a envoyé deux modifications avec une même clé.",
            ],
            admin: "L'application a envoyé deux modifications avec une même clé; notre service n'a donc pas envoyé la seconde à Accuro. La première est peut-être enregistrée. Veuillez regarder dans Accuro avant que quelqu'un refasse l'une ou l'autre.",
            user: "L'application a mêlé deux modifications; celle-ci n'a donc pas été envoyée. L'autre est peut-être enregistrée. Veuillez regarder dans Accuro avant toute autre chose.",
        },
        Repeat::UnderWay => Text {
            steps: &[
                "Attendre un instant, puis regarder dans Accuro si la modification y est.",
                "Si elle y est, tout est fait. Sinon, la faire dans Accuro même.",
                "Demander au fournisseur de l'application pourquoi elle l'a envoyée deux fois à la fois.",
            ],
            admin: "La même modification se faisait à ce moment; notre service ne l'a donc pas envoyée une seconde fois. Elle est peut-être enregistrée. Veuillez regarder dans Accuro avant que quelqu'un la refasse.",
            user: "La même modification se faisait déjà; elle n'a donc pas été envoyée une seconde fois. Attendez un instant, puis regardez dans Accuro avant toute autre chose.",
        },
    }
}

/// The text where a rule of ours turned the call away.
pub(super) const fn by_rule(rule: Rule) -> Text {
    match rule {
        Rule::AppKey => Text {
            steps: &[
                "Faire vérifier par le fournisseur de l'application quelle clé elle envoie\u{a0}: elle manque ou n'est pas inscrite ici.",
                "Si l'application est nouvelle, ou si sa clé a changé, l'inscrire dans les réglages, sous Applications.",
                "Si personne ne connaît cette application, avertir la garde\u{a0}: quelqu'un d'autre appelle peut-être.",
            ],
            admin: "Notre propre passerelle ne connaît pas l'application qui a appelé; elle n'a rien demandé à Accuro. Rien n'est à changer dans Accuro. Nous vérifions l'inscription de l'application.",
            user: "Notre service n'a pas reconnu l'application. Cela ne vient pas de votre compte. Veuillez vérifier que vous avez la version la plus récente; nous l'examinons.",
        },
        Rule::Clinic => Text {
            steps: &[
                "Regarder dans les réglages, sous Applications, pour quelles cliniques l'application est inscrite.",
                "Si la clinique doit y être, l'ajouter; sinon, demander au fournisseur pourquoi l'application y a servi.",
            ],
            admin: "L'application utilisée n'est pas inscrite chez nous pour votre clinique; notre passerelle n'a rien demandé à Accuro. Rien n'est à changer dans Accuro. Nous vérifions l'inscription.",
            user: "L'application n'est pas encore inscrite pour votre clinique. Cela ne vient pas de votre compte. Nous l'examinons.",
        },
        Rule::Environment => Text {
            steps: &[
                "Avertir tout de suite le fournisseur de l'application\u{a0}: une identité du bac à sable a rencontré la production, ou l'inverse.",
                "Demander que l'application ne serve plus avant que ce soit corrigé.",
                "Comparer l'environnement de l'application et celui de la clinique dans les réglages.",
            ],
            admin: "L'application a confondu le système d'essai et le vrai; notre passerelle n'a rien demandé à Accuro. Que personne n'utilise l'application avant que nous vous écrivions, s'il vous plaît.",
            user: "L'application a confondu le système d'essai et le vrai; rien n'a été demandé ni enregistré. Veuillez ne pas utiliser l'application avant que nous vous écrivions.",
        },
        Rule::ReadOnly => Text {
            steps: &[
                "Demander à la garde pourquoi les modifications sont désactivées, et jusqu'à quand.",
                "Faire entrer la modification dans Accuro même si elle ne peut attendre.",
            ],
            admin: "Nous avons désactivé pour le moment les modifications par notre passerelle; la lecture fonctionne. Rien n'est à changer dans Accuro. Ce qui ne peut attendre peut être entré dans Accuro même.",
            user: "Les modifications par l'application sont désactivées pour le moment; celle-ci n'a pas été enregistrée. Si elle ne peut attendre, veuillez l'entrer dans Accuro même.",
        },
    }
}

/// The text for what is over.
pub(super) const fn over(cause: Cause) -> Option<Text> {
    Some(match cause {
        Cause::AccuroDown | Cause::AccuroSlow | Cause::AccuroUnreachable | Cause::ClinicDown => {
            Text {
                steps: &[
                    "C'est terminé : voir dans l'incident quand cela a commencé et fini.",
                    "Demander si quelque chose était en cours d'enregistrement. Si oui, faire vérifier dans Accuro que c'est là.",
                    "Si cela va et vient, signaler les heures au soutien d'Accuro.",
                ],
                admin: "Accuro n'a pas répondu comme d'habitude pendant un moment, et répond maintenant. Vous n'avez rien à changer. Si quelqu'un enregistrait quelque chose à ce moment, vérifiez dans Accuro que c'est là.",
                user: "Accuro n'a pas répondu comme d'habitude pendant un moment, et répond maintenant. Si vous enregistriez quelque chose, vérifiez dans Accuro que c'est là avant de le saisir une autre fois.",
            }
        }
        Cause::AccuscopeFailing => Text {
            steps: &[
                "C'est terminé : voir dans l'incident et les alertes quand cela a commencé et fini.",
                "Demander si quelque chose était en cours d'enregistrement. Si oui, faire vérifier dans Accuro que c'est là.",
            ],
            admin: "Notre propre service a été en panne pendant un moment, et fonctionne maintenant. Vous n'avez rien à changer. Si quelqu'un enregistrait quelque chose à ce moment, vérifiez dans Accuro que c'est là.",
            user: "Notre service a été en panne pendant un moment, et fonctionne maintenant. Si vous enregistriez quelque chose, vérifiez dans Accuro que c'est là avant de le saisir une autre fois.",
        },
        Cause::ClinicConnectionRejected
        | Cause::ClinicSignInFailing
        | Cause::AppCredentialsRejected
        | Cause::ScopeMissing => Text {
            steps: &[
                "C'est terminé : demander qui a changé quoi, pour que cela ne revienne pas.",
                "Demander aux personnes qui ne peuvent pas encore travailler de se reconnecter.",
            ],
            admin: "Accuro a refusé nos demandes pendant un moment, et les accepte maintenant. Vous n'avez rien à changer, sauf si vous ignorez ce qui a été changé; dites-le-nous alors.",
            user: "Accuro a refusé vos demandes pendant un moment, et les accepte maintenant. Si cela ne fonctionne pas encore, déconnectez-vous et reconnectez-vous.",
        },
        Cause::SessionExpired => Text {
            steps: &[
                "C'est terminé : la personne s'est reconnectée.",
                "Si cela revient dans l'heure, en informer l'éditeur de l'application.",
            ],
            admin: "La session d'une personne avait pris fin, et Accuro refusait tout avec elle. Avec la nouvelle, cela fonctionne. Vous n'avez rien à changer.",
            user: "Votre session avait pris fin. Avec la nouvelle, cela fonctionne; vous n'avez rien à faire.",
        },
        Cause::SectionRestricted
        | Cause::ChartRestricted
        | Cause::ChartMaskedForAll
        | Cause::SilentlyFiltered => Text {
            steps: &[
                "C'est terminé : la même chose a été donnée plus tard.",
                "Demander à l'administrateur de la clinique si ce changement était voulu.",
            ],
            admin: "Pendant un moment, Accuro n'a pas donné quelque chose qu'une personne demandait, et le donne maintenant. Vérifiez si ce changement était voulu. La personne peut vous dire ce que c'était.",
            user: "Accuro ne vous l'a pas donné pendant un moment, et le donne maintenant. Vous n'avez rien à faire.",
        },
        Cause::BeingEdited => Text {
            steps: &[
                "C'est terminé : un changement du dossier a été accepté plus tard. Faire vérifier dans Accuro que c'est celui de la personne.",
                "Si cela arrive souvent, demander à la clinique qui travaille sur les mêmes dossiers.",
            ],
            admin: "Quelqu'un modifiait ou avait ouvert le même dossier au même moment. Le dossier peut maintenant être modifié. Vous n'avez rien à changer.",
            user: "Quelqu'un travaillait sur le même dossier à ce moment. Le dossier peut maintenant être modifié. Vérifiez dans Accuro que votre changement est là.",
        },
        Cause::RateLimited => Text {
            steps: &[
                "C'est terminé : voir quelle application faisait le plus d'appels à ce moment.",
                "Demander à l'éditeur de l'application de ralentir et d'attendre avant de réessayer.",
            ],
            admin: "Notre application a demandé plus à la fois que permis pendant un moment, et des demandes ont été refusées. C'est terminé. Vous n'avez rien à changer.",
            user: "Trop de demandes ont été faites à la fois pendant un moment. C'est terminé; continuez comme d'habitude.",
        },
        Cause::RequestRejected | Cause::AnswerChanged | Cause::WrongContext => Text {
            steps: &[
                "C'est terminé : dire à l'éditeur de l'application de quand à quand, et pour quelle tâche.",
                "Demander ce qui a été publié à ce moment, et ce qui l'a annulé.",
            ],
            admin: "Notre application et Accuro ne se sont pas compris pour une tâche pendant un moment, et se comprennent maintenant. Vous n'avez rien à changer.",
            user: "L'application et Accuro ne se sont pas compris pendant un moment, et se comprennent maintenant. Ce n'était pas votre compte.",
        },
        _ => return None,
    })
}

macro_rules! texts {
    ($($cause:ident [$($step:literal),+] $admin:literal, $user:literal;)+) => {
        /// The text for a cause.
        pub(super) const fn text(cause: Cause) -> Text {
            match cause {
                $(Cause::$cause => Text { steps: &[$($step),+], admin: $admin, user: $user },)+
            }
        }
    };
}

texts! {
    NoCalls
        ["Demander si l'application était ouverte, en ligne et connectée.", "Demander au fournisseur de l'application son propre journal de ce moment.",
         "Vérifier la clinique, la personne et l'heure de la question."]
        "Notre application n'a envoyé aucune requête à l'heure indiquée. Accuro n'a pas été interrogé; rien n'est à changer de ce côté. Nous examinons l'application.",
        "L'application n'a pas envoyé votre requête. Veuillez vérifier que vous êtes en ligne et connecté, puis réessayer. Si cela se reproduit, envoyez-nous le code affiché.";
    Delivered
        ["Demander sur quel écran et ce qui manquait.", "Demander au fournisseur de l'application ce qu'elle fait de la réponse."]
        "Accuro a renvoyé ce qui était demandé; rien n'est à changer de ce côté. Nous examinons ce que l'application affiche.",
        "Accuro a répondu à votre requête; l'erreur vient sans doute de l'affichage. Dites-nous sur quel écran vous étiez et ce que vous attendiez.";
    AccuroDown
        ["Consulter l'état d'Accuro sur la page d'accueil.", "Le signaler au soutien d'Accuro s'il ne l'a pas annoncé.",
         "Dire aux cliniques que cela ne vient pas d'elles, et quand vous leur écrirez."]
        "Accuro ne nous répond pas en ce moment, pour toutes les cliniques. Vous n'avez rien à changer. Nous le signalons au soutien d'Accuro et vous écrirons au rétablissement.",
        "Accuro ne répond pas en ce moment. Cela ne vient pas de votre compte. Utilisez Accuro directement si possible et réessayez plus tard.";
    AccuroSlow
        ["Consulter la latence sur la page d'accueil.", "La signaler au soutien d'Accuro avec les heures.", "Demander aux cliniques d'essayer une fois et d'attendre."]
        "Accuro répond beaucoup plus lentement que d'habitude, pour toutes les cliniques. Vous n'avez rien à changer. Nous le signalons au soutien d'Accuro.",
        "Accuro est lent en ce moment et certaines requêtes échouent. Veuillez attendre un peu avant de réessayer.";
    AccuroUnreachable
        ["Vérifier la résolution des noms, le réseau et les certificats entre accuscope et Accuro.", "Lancer accuscope check.",
         "Demander si le réseau ou un pare-feu a été modifié."]
        "Nous ne pouvons pas joindre Accuro par le réseau en ce moment. Vous n'avez rien à changer. Nous y travaillons.",
        "Nous ne pouvons pas joindre Accuro en ce moment. Cela ne vient pas de votre compte. Veuillez réessayer plus tard.";
    ClinicDown
        ["Vérifier que les autres cliniques fonctionnent.", "Le signaler au soutien d'Accuro pour l'instance de cette clinique.",
         "Demander à la clinique si Accuro lui-même fonctionne chez elle."]
        "Accuro ne répond pas pour votre clinique en ce moment, alors que d'autres fonctionnent. Vérifiez si Accuro lui-même fonctionne chez vous et dites-le-nous. Nous le signalons au soutien d'Accuro.",
        "Accuro ne répond pas pour votre clinique en ce moment. Cela ne vient pas de votre compte. Veuillez réessayer plus tard.";
    RateLimited
        ["Regarder quelle application fait le plus d'appels.", "Demander à son fournisseur de ralentir et d'attendre avant de réessayer."]
        "Notre application a demandé plus à la fois que permis, et des requêtes ont été écartées. Vous n'avez rien à changer. Nous la ralentissons.",
        "Trop de requêtes ont été faites à la fois. Veuillez attendre une minute et réessayer.";
    ClinicConnectionRejected
        ["Demander à l'administrateur de la clinique si l'accès a pris fin ou a changé.", "Vérifier l'identifiant de la clinique dans les réglages.",
         "Faire renouveler les accès par un formulaire sécurisé."]
        "Accuro refuse toutes les requêtes de votre clinique par notre application. Vérifiez dans Accuro que l'utilisateur API est actif, que son accès n'a pas pris fin et que son mot de passe n'a pas changé. Il nous faudra peut-être de nouveaux accès.",
        "Accuro n'accepte pas la connexion de votre clinique en ce moment. Nous écrivons à l'administrateur de votre clinique. Vous n'avez rien à faire.";
    ClinicSignInFailing
        ["Demander si le mot de passe de l'utilisateur API a changé ou expiré.", "Faire renouveler les accès par un formulaire sécurisé.",
         "Les personnes encore connectées peuvent travailler jusqu'à la fin de leur session."]
        "Accuro refuse les nouvelles connexions de votre clinique par notre application; les personnes encore connectées peuvent travailler. Vérifiez le mot de passe de l'utilisateur API et s'il est verrouillé, puis transmettez les nouveaux accès par le formulaire sécurisé.",
        "Les nouvelles connexions ne fonctionnent pas pour votre clinique en ce moment. Nous écrivons à l'administrateur de votre clinique. Si vous êtes encore connecté, restez-le.";
    AppCredentialsRejected
        ["Vérifier si le secret de l'application a été remplacé ou a expiré.", "Mettre le nouveau secret dans l'application.",
         "Demander au soutien d'Accuro si l'application est toujours autorisée."]
        "Accuro refuse les accès propres à notre application, dans toutes les cliniques. Vous n'avez rien à changer. Nous les renouvelons.",
        "Accuro n'accepte pas notre application en ce moment. Cela ne vient pas de votre compte. Nous y travaillons.";
    SessionExpired
        ["Demander à la personne de se déconnecter, de se reconnecter et de réessayer.", "Si cela revient dans l'heure, prévenir le fournisseur de l'application."]
        "La session d'une personne avait pris fin et Accuro refusait tout avec elle. Après une nouvelle connexion, cela devrait fonctionner. Vous n'avez rien à changer.",
        "Votre session avait pris fin. Veuillez vous déconnecter, vous reconnecter et réessayer.";
    WrongContext
        ["Dire au fournisseur de l'application quelle tâche est demandée avec le mauvais type de jeton.", "Comparer avec les tâches qui fonctionnent."]
        "Notre application a utilisé le mauvais type de connexion pour cette tâche et Accuro l'a refusée. Vous n'avez rien à changer. Nous corrigeons l'application.",
        "L'application a mal interrogé Accuro pour cette tâche. Cela ne vient pas de votre compte. Nous la corrigeons.";
    SectionRestricted
        ["Demander à l'administrateur de la clinique de vérifier le rôle de la personne pour cette section.", "Après le changement, demander à la personne de se reconnecter et d'essayer."]
        "Accuro refuse cette partie du dossier à une personne, pour tous les patients, alors que le reste fonctionne. Vérifiez son rôle et ses accès à cette section, et si cela est voulu. La personne peut vous dire quelle section.",
        "Accuro ne vous a pas donné accès à cette partie du dossier. L'administrateur de votre clinique peut vérifier votre rôle; adressez-vous à lui.";
    ChartRestricted
        ["Demander à l'administrateur de la clinique de vérifier les masques et permissions de ce dossier pour la personne.", "Nous ne voyons pas les masques dans Accuro.",
         "Après le changement, demander à la personne de réessayer."]
        "Accuro refuse un dossier à une personne, alors que d'autres dossiers lui sont ouverts. Vérifiez si un masque ou une permission du dossier l'en écarte, et si cela est voulu. La personne peut vous dire quel dossier.",
        "Accuro n'a pas ouvert ce dossier pour vous. L'administrateur de votre clinique peut le vérifier; dites-lui de quel dossier il s'agit.";
    ChartMaskedForAll
        ["Demander à l'administrateur de la clinique de chercher un masque sur ce dossier.", "Nous ne voyons pas les masques dans Accuro."]
        "Accuro refuse un dossier à tous ceux qui le demandent par notre application, alors que d'autres fonctionnent. Vérifiez si ce dossier est masqué ou verrouillé, et si cela est voulu. La personne qui a demandé peut vous dire quel dossier.",
        "Accuro n'a pas ouvert ce dossier. L'administrateur de votre clinique peut le vérifier; dites-lui de quel dossier il s'agit.";
    SilentlyFiltered
        ["Demander à l'administrateur de la clinique quels professionnels et bureaux sont accordés à la personne.", "Accuro omet sans erreur ce qui n'est pas accordé.",
         "Après le changement, demander à la personne de réessayer la même liste."]
        "Accuro répond par des listes vides à une personne, sans erreur, alors que les mêmes listes contiennent des éléments autrement. Vérifiez quels professionnels et bureaux sont activés pour elle et pour l'utilisateur API.",
        "Accuro a renvoyé une liste vide. L'administrateur de votre clinique peut vérifier quels professionnels et bureaux sont activés pour vous.";
    WrongOffice
        ["Demander à la personne de choisir le bon bureau et de réessayer.", "Si deux personnes partagent une connexion, chacune change le bureau de l'autre."]
        "Ce qui était demandé existe, mais dans un autre bureau que celui choisi. Vous n'avez rien à changer, sauf si cela doit être visible dans les deux.",
        "Ce que vous cherchiez n'est pas dans le bureau choisi. Veuillez choisir le bon bureau et réessayer.";
    NoMatch
        ["Demander à la personne de chercher par d'autres renseignements, sans espaces superflus.", "Ses autres recherches trouvent; l'accès est donc bon."]
        "Une recherche n'a trouvé personne, alors que d'autres recherches de la même personne fonctionnent. Vous n'avez rien à changer.",
        "Accuro n'a trouvé personne qui corresponde à votre recherche. Vérifiez l'orthographe ou cherchez par un autre renseignement.";
    RecordGone
        ["Demander à l'administrateur de la clinique si le dossier a été fusionné, supprimé ou déplacé.", "Demander au fournisseur de l'application d'oublier l'ancien numéro."]
        "Ce que notre application pouvait ouvrir auparavant est introuvable pour tous. Vérifiez si le dossier a été fusionné, archivé ou supprimé. La personne qui a demandé peut vous dire lequel.",
        "Ce dossier existait et est maintenant introuvable. Il a pu être fusionné ou déplacé; veuillez chercher le patient de nouveau.";
    NeverFound
        ["Demander à la personne de vérifier le numéro et la clinique.", "Demander d'où l'application tient ce numéro."]
        "Notre application a demandé un dossier qu'Accuro n'a pas pour votre clinique. Vous n'avez rien à changer, sauf si vous savez qu'il existe.",
        "Accuro n'a pas ce dossier pour votre clinique. Vérifiez le numéro ou cherchez plutôt le patient.";
    RequestRejected
        ["Dire au fournisseur de l'application quelle tâche est rejetée, depuis quand et dans quelles cliniques.", "Demander ce qui a été publié à ce moment."]
        "Accuro rejette ce que notre application envoie pour une tâche, dans plusieurs cliniques. Vous n'avez rien à changer. Nous corrigeons l'application.",
        "Accuro n'a pas accepté ce que l'application a envoyé. Ce n'est pas votre erreur. Nous la corrigeons.";
    RecordRejected
        ["Demander ce qui a été saisi et si un champ requis est vide dans ce dossier.", "Donner au fournisseur de l'application le code de l'appel."]
        "Accuro rejette ce que notre application envoie pour un dossier, alors que d'autres fonctionnent. Il y manque peut-être quelque chose. Nous l'examinons.",
        "Accuro n'a pas accepté la saisie pour ce dossier. Vérifiez que tout ce qui est requis est rempli; sinon, envoyez-nous le code affiché.";
    BeingEdited
        ["Demander à la personne de recharger et de réessayer dans quelques minutes.", "Si cela dure, demander à la clinique qui a le dossier ouvert."]
        "Quelqu'un modifiait le même dossier au même moment. Vous n'avez rien à changer.",
        "Quelqu'un travaillait sur le même dossier. Veuillez le recharger et réessayer dans quelques minutes.";
    AnswerChanged
        ["Dire au fournisseur de l'application les réponses de quelle tâche ont changé, et quand.", "Demander au soutien d'Accuro si une nouvelle version a été installée.",
         "Lancer accuscope conformance contre le bac à sable."]
        "Les réponses d'Accuro pour une tâche ont changé de forme, dans plusieurs cliniques, et notre application ne les comprend pas. Vous n'avez rien à changer. Nous adaptons l'application.",
        "L'application ne comprend pas la réponse d'Accuro en ce moment. Cela ne vient pas de votre compte. Nous y travaillons.";
    ScopeMissing
        ["Demander au fournisseur de l'application de demander la permission manquante.", "La faire approuver pour la clinique.", "Se reconnecter ensuite."]
        "Il manque à notre application une permission pour cette tâche. Nous la demandons; on vous priera peut-être de l'approuver.",
        "Il manque une permission à l'application. Cela ne vient pas de votre compte. Nous la demandons.";
    RefusedByAccuscope
        ["Regarder la raison de l'appel.", "Vérifier la clé de l'application, ses cliniques et l'environnement dans les réglages."]
        "Notre propre passerelle a écarté la requête, selon une règle. Accuro n'a pas été interrogé; rien n'est à changer de ce côté. Nous vérifions la règle.",
        "Notre service a écarté la requête. Cela ne vient pas de votre compte. Nous l'examinons.";
    AccuscopeFailing
        ["Consulter les alertes d'accuscope: capacité, disque, audit.", "Suivre le guide de l'alerte."]
        "Notre propre service a échoué. Accuro n'a pas été interrogé; rien n'est à changer de ce côté. Nous y travaillons.",
        "Notre service a échoué. Cela ne vient pas de votre compte. Veuillez réessayer dans quelques minutes.";
    NotRecorded
        ["Demander un nouvel essai et le code affiché.", "Chercher pourquoi accuscope n'enregistrait pas à ce moment."]
        "Nous n'avons aucun enregistrement de ce moment et ne pouvons dire ce qui s'est passé. Demandez à la personne de réessayer.",
        "Nous n'avons aucun enregistrement de ce moment. Veuillez réessayer et nous envoyer le code affiché.";
    Unknown
        ["Demander un nouvel essai et le code affiché.", "Demander à un collègue d'essayer la même chose.", "Demander à la personne d'essayer avec un autre patient."]
        "Nous ne pouvons pas encore dire ce qui s'est passé. Un nouvel essai, par la même personne et par un collègue, le montrerait.",
        "Nous ne pouvons pas encore dire ce qui s'est passé. Veuillez réessayer et nous envoyer le code affiché.";
}
